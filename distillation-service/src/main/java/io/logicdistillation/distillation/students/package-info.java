/** The registry of students: imported, verified, promoted, rolled back, handed out. */
@NullMarked
package io.logicdistillation.distillation.students;

import org.jspecify.annotations.NullMarked;
