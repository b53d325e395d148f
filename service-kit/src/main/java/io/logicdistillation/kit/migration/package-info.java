/** How a service's database comes to the version that the service needs: by the service itself at its start, or by a program before it. */
@NullMarked
package io.logicdistillation.kit.migration;

import org.jspecify.annotations.NullMarked;
