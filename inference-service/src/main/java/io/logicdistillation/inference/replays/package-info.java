/** Runs the recorded choices of a decision again. */
@NullMarked
package io.logicdistillation.inference.replays;

import org.jspecify.annotations.NullMarked;
