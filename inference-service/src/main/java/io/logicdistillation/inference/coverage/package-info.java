/** How much of a snapshot its decisions use. */
@NullMarked
package io.logicdistillation.inference.coverage;

import org.jspecify.annotations.NullMarked;
