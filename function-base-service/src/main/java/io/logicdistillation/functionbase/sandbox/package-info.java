/** Runs functions and views of a task in the sandbox and says what came of it. */
@NullMarked
package io.logicdistillation.functionbase.sandbox;

import org.jspecify.annotations.NullMarked;
