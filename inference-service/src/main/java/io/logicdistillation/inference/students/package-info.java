/** Which student serves a task, and getting it here: found in the registry, downloaded, verified, loaded. */
@NullMarked
package io.logicdistillation.inference.students;

import org.jspecify.annotations.NullMarked;
