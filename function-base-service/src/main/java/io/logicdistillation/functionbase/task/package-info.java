/** Rules, schemas and stages of a task. */
@NullMarked
package io.logicdistillation.functionbase.task;

import org.jspecify.annotations.NullMarked;
