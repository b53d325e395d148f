package io.logicdistillation.inference.engine;

/**
 * One candidate as the student knows it.
 *
 * @param handle one lower-case word that stands for the function; recall needs it to be a single token after a space
 * @param manual when to use the function, one or two sentences
 */
public record Entry(String name, String handle, String manual) {
    public Entry {
        if (name.isBlank() || handle.isBlank() || manual.isBlank()) {
            throw new EngineException(
                    EngineException.Kind.INVALID_REQUEST, "an entry needs a name, a handle and a manual text");
        }
    }
}
