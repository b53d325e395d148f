/** Immutable lists of functions, and which of them decides. */
@NullMarked
package io.logicdistillation.functionbase.snapshot;

import org.jspecify.annotations.NullMarked;
