/** Finds the functions of a stage that fit a state. */
@NullMarked
package io.logicdistillation.functionbase.search;

import org.jspecify.annotations.NullMarked;
