/** Everything that a service keeps of one tenant: counted, erased, taken out and brought in, found by the database's own catalogue. */
@NullMarked
package io.logicdistillation.kit.tenantdata;

import org.jspecify.annotations.NullMarked;
