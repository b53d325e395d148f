/** Everything about students: their registry today; datasets, jobs and evaluation as they come. */
@NullMarked
package io.logicdistillation.distillation;

import org.jspecify.annotations.NullMarked;
