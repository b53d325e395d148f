/** Who may pass: API keys, and what each allows. */
@NullMarked
package io.logicdistillation.gateway.keys;

import org.jspecify.annotations.NullMarked;
