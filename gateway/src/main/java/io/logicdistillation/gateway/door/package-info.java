/** Who may pass: which scope opens what, how often, and what happens to those who guess. */
@NullMarked
package io.logicdistillation.gateway.door;

import org.jspecify.annotations.NullMarked;
