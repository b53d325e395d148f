/** Students served by engines outside of this process: a completion server with the same weights, or another decision model. */
@NullMarked
package io.logicdistillation.inference.remote;

import org.jspecify.annotations.NullMarked;
