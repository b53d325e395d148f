/** An L-LLM writes functions, manual entries and tests from a task's rules; see RATIONALE.md. */
@NullMarked
package io.logicdistillation.functionbase.generation;

import org.jspecify.annotations.NullMarked;
