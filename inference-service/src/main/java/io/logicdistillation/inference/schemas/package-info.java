/** JSON Schema checks of states and outputs. */
@NullMarked
package io.logicdistillation.inference.schemas;

import org.jspecify.annotations.NullMarked;
