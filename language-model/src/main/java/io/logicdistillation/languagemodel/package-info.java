/** Asks an L-LLM behind any OpenAI-compatible API, within bounds of time, load and money. */
@NullMarked
package io.logicdistillation.languagemodel;

import org.jspecify.annotations.NullMarked;
