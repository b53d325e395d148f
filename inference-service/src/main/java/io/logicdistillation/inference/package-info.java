/** Decisions over HTTP: a student chooses among functions, the sandbox runs the chosen one, the log remembers. */
@NullMarked
package io.logicdistillation.inference;

import org.jspecify.annotations.NullMarked;
