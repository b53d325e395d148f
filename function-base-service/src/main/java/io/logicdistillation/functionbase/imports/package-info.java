/** Snapshots of other installations on their way in: streamed, staged, verified in the background, and taken as a whole or not at all. */
@NullMarked
package io.logicdistillation.functionbase.imports;

import org.jspecify.annotations.NullMarked;
