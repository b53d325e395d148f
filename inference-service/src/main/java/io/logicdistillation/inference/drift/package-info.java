/** A task's history against another student or another snapshot: what would change, and whose doing it is. */
@NullMarked
package io.logicdistillation.inference.drift;

import org.jspecify.annotations.NullMarked;
