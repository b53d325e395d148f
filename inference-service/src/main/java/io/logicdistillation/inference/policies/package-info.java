/** How sure a task's student must be, stage by stage, and what happens where it is not. */
@NullMarked
package io.logicdistillation.inference.policies;

import org.jspecify.annotations.NullMarked;
