package io.logicdistillation.inference.replays;

import tools.jackson.databind.json.JsonMapper;

/** Compares outputs as JSON, so that a number is the same number whatever Java type it was read as. */
final class Outputs {
    private static final JsonMapper JSON = JsonMapper.shared();

    private Outputs() {}

    static boolean same(Object one, Object other) {
        return JSON.valueToTree(one).equals(JSON.valueToTree(other));
    }
}
