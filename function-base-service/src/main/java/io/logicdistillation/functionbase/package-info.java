/** Tasks, functions, snapshots and retrieval. */
@NullMarked
package io.logicdistillation.functionbase;

import org.jspecify.annotations.NullMarked;
