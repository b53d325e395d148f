/** Snapshots of the function base, and the search for candidates in them. */
@NullMarked
package io.logicdistillation.inference.functionbase;

import org.jspecify.annotations.NullMarked;
