/** What people and programs say about decisions afterwards: rewards, and corrections that become training examples. */
@NullMarked
package io.logicdistillation.inference.feedback;

import org.jspecify.annotations.NullMarked;
