package io.logicdistillation.inference.canaries;

import java.util.Locale;

/** Whose turn a decision was. */
enum Arm {
    CANARY,
    SERVING;

    String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
