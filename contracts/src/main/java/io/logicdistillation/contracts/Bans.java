package io.logicdistillation.contracts;

import java.util.List;

/**
 * The functions of a task that must not be chosen, whatever snapshot decides.
 *
 * @param revision grows with every ban and every lifting of one
 * @param functions their names, ascending
 */
public record Bans(long revision, List<String> functions) {
    public static final Bans NONE = new Bans(0, List.of());

    public Bans {
        functions = List.copyOf(functions);
    }

    public boolean forbid(String function) {
        return functions.contains(function);
    }
}
