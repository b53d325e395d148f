/** Situations without a function, answered by one that is pinned into the candidates. */
@NullMarked
package io.logicdistillation.functionbase.emergency;

import org.jspecify.annotations.NullMarked;
