/** Distillation jobs as workers see them: claimed under a lease, kept alive, completed once. */
@NullMarked
package io.logicdistillation.distillation.workers;

import org.jspecify.annotations.NullMarked;
