/** Distillation jobs as their tenants see them: submitted, watched, cancelled, tried again. */
@NullMarked
package io.logicdistillation.distillation.jobs;

import org.jspecify.annotations.NullMarked;
