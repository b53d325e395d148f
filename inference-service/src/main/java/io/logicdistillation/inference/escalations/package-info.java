/** Asking an L-LLM which function to choose, within bounds of time, load and money. */
@NullMarked
package io.logicdistillation.inference.escalations;

import org.jspecify.annotations.NullMarked;
