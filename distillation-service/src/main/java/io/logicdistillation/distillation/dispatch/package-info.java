/** Sees to it that jobs which wait find workers. */
@NullMarked
package io.logicdistillation.distillation.dispatch;

import org.jspecify.annotations.NullMarked;
