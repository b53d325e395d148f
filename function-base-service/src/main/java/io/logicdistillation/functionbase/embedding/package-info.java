/** Texts as vectors. */
@NullMarked
package io.logicdistillation.functionbase.embedding;

import org.jspecify.annotations.NullMarked;
