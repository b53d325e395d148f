/** Canonical JSON, content addresses and JSON Schema. */
@NullMarked
package io.logicdistillation.functionbase.json;

import org.jspecify.annotations.NullMarked;
