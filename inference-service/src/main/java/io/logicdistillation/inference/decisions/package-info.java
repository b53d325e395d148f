/** Makes decisions. */
@NullMarked
package io.logicdistillation.inference.decisions;

import org.jspecify.annotations.NullMarked;
