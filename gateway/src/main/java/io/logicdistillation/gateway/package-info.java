/** The one public door: keys, limits, routes, the OpenAPI document. Knows the platform's problems, none of its domain. */
@NullMarked
package io.logicdistillation.gateway;

import org.jspecify.annotations.NullMarked;
