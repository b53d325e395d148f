/**
 * Students as scorers: a base model, a LoRA adapter and activation maxima become one quantised graph, and one prefill
 * scores a set of candidates. Pure Java over ONNX Runtime; nothing here knows HTTP, tasks or the decision log.
 */
@NullMarked
package io.logicdistillation.inference.engine;

import org.jspecify.annotations.NullMarked;
