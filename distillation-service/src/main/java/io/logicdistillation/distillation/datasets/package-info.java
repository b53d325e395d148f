/** What students learn from: function trajectories, checked line by line, split by episode, and versioned. */
@NullMarked
package io.logicdistillation.distillation.datasets;

import org.jspecify.annotations.NullMarked;
