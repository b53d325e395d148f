/** Which functions of a snapshot nobody needs: never found, never chosen, or doing what another one does. */
@NullMarked
package io.logicdistillation.functionbase.coverage;

import org.jspecify.annotations.NullMarked;
