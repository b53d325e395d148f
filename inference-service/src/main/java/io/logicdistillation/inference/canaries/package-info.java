/** Students that decide a share of a task: whose turn a decision is, and what comes of it. */
@NullMarked
package io.logicdistillation.inference.canaries;

import org.jspecify.annotations.NullMarked;
