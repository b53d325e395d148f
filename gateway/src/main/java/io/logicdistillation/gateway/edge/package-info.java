/** What every answer carries, whoever gave it: request id, trace, security headers. */
@NullMarked
package io.logicdistillation.gateway.edge;

import org.jspecify.annotations.NullMarked;
