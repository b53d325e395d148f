/** Runs one untrusted function within time, heap and output limits; the only place of the platform that does. */
@NullMarked
package io.logicdistillation.runtime;

import org.jspecify.annotations.NullMarked;
