/** What every query of a tenant needs: its transaction and its pages. */
@NullMarked
package io.logicdistillation.functionbase.tenant;

import org.jspecify.annotations.NullMarked;
