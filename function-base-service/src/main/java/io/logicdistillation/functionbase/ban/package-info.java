/** Functions that must not be chosen. */
@NullMarked
package io.logicdistillation.functionbase.ban;

import org.jspecify.annotations.NullMarked;
