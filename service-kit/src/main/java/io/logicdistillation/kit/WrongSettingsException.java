package io.logicdistillation.kit;

import java.util.Collection;

/** A service can not start with its settings; the message names every mistake on a line of its own. */
final class WrongSettingsException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    WrongSettingsException(Collection<String> mistakes) {
        super((mistakes.size() == 1 ? "A setting is" : mistakes.size() + " settings are") + " wrong or missing:\n- "
                + String.join("\n- ", mistakes));
    }
}
