/** Functions: admission after verification, and the drafts that the next snapshot takes. */
@NullMarked
package io.logicdistillation.functionbase.function;

import org.jspecify.annotations.NullMarked;
