/** What every service does alike at its edge: JSON, problem details, internal tokens, calls between services. */
@NullMarked
package io.logicdistillation.kit;

import org.jspecify.annotations.NullMarked;
