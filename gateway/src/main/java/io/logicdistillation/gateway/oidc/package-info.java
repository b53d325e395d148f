/** Callers who were signed in elsewhere: tokens of an OpenID Connect issuer. */
@NullMarked
package io.logicdistillation.gateway.oidc;

import org.jspecify.annotations.NullMarked;
