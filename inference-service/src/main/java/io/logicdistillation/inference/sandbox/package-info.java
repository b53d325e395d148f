/** Runs views and functions of a snapshot in the function runtime. */
@NullMarked
package io.logicdistillation.inference.sandbox;

import org.jspecify.annotations.NullMarked;
