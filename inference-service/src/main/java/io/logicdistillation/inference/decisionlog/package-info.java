/** The decision log: written before an answer goes out, read by cursor. */
@NullMarked
package io.logicdistillation.inference.decisionlog;

import org.jspecify.annotations.NullMarked;
