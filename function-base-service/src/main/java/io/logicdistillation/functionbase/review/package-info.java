/** People judge functions: approve, reject, edit. */
@NullMarked
package io.logicdistillation.functionbase.review;

import org.jspecify.annotations.NullMarked;
