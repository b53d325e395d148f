/** Work that outlives its request: under a lease, on threads of its own, told of by events. */
@NullMarked
package io.logicdistillation.functionbase.background;

import org.jspecify.annotations.NullMarked;
