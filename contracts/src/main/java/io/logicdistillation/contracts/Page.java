package io.logicdistillation.contracts;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** @param next the cursor of the following page; absent on the last one */
public record Page<T>(List<T> items, @Nullable String next) {
    public Page {
        items = List.copyOf(items);
    }
}
