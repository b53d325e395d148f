/** The choice engine itself, over the two decision APIs that clients already speak. Nothing is executed or logged here. */
@NullMarked
package io.logicdistillation.inference.questions;

import org.jspecify.annotations.NullMarked;
