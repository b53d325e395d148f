package io.logicdistillation.runtime;

import java.util.Set;
import java.util.stream.Collectors;

/** The processes that this virtual machine has started: what tests find a runtime's template by. */
final class Children {

    private Children() {}

    static Set<ProcessHandle> now() {
        return ProcessHandle.current().children().collect(Collectors.toSet());
    }

    /** One that has come since. */
    static ProcessHandle since(Set<ProcessHandle> before) {
        return ProcessHandle.current()
                .children()
                .filter(child -> !before.contains(child))
                .findFirst()
                .orElseThrow();
    }
}
