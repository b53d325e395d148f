/** Shared test support; never shipped. */
@NullMarked
package io.logicdistillation.testkit;

import org.jspecify.annotations.NullMarked;
