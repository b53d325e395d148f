/** Which service answers what, and what happens when it does not. */
@NullMarked
package io.logicdistillation.gateway.routes;

import org.jspecify.annotations.NullMarked;
