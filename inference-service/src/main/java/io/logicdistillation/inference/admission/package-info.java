/** How many requests are worked on at once, and whose. */
@NullMarked
package io.logicdistillation.inference.admission;

import org.jspecify.annotations.NullMarked;
