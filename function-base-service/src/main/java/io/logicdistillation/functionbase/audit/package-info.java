/** Who changed what, when and why. */
@NullMarked
package io.logicdistillation.functionbase.audit;

import org.jspecify.annotations.NullMarked;
