/** Takes the time of students side by side, for whoever judges them. */
@NullMarked
package io.logicdistillation.inference.timings;

import org.jspecify.annotations.NullMarked;
