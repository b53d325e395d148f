/** How this service follows what other services own: calls per tenant, and watches that keep the last known answer. */
@NullMarked
package io.logicdistillation.inference.upstream;

import org.jspecify.annotations.NullMarked;
