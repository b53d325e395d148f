/** API keys: those of the operator's file, and those made, rotated and revoked over HTTP, with tenants and the record of changes. */
@NullMarked
package io.logicdistillation.gateway.keys;

import org.jspecify.annotations.NullMarked;
