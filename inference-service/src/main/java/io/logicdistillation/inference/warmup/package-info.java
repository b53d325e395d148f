/** Getting ready for the tasks that were served before a start. */
@NullMarked
package io.logicdistillation.inference.warmup;

import org.jspecify.annotations.NullMarked;
