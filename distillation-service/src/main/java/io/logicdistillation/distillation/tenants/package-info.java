/** What this service keeps of one tenant, for its erasure and its way to another installation. */
@NullMarked
package io.logicdistillation.distillation.tenants;

import org.jspecify.annotations.NullMarked;
