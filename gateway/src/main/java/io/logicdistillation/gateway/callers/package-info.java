/** Who a request comes from, however it was shown, and what roles allow. */
@NullMarked
package io.logicdistillation.gateway.callers;

import org.jspecify.annotations.NullMarked;
