/** Measurements that anyone can rerun; nothing here ships. */
@NullMarked
package io.logicdistillation.benchmarks;

import org.jspecify.annotations.NullMarked;
