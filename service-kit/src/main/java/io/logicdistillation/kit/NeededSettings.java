package io.logicdistillation.kit;

import java.util.List;

/** Properties of which some have to be given, or name something that has to be usable: what no type tells of a setting. */
public interface NeededSettings {
    /** What is not there, each as a sentence for whoever starts the service; empty if nothing is missing. */
    List<String> missing();

    /**
     * What is there and can not be used: a secret of another form, a file that is no such file. Told without its content, which may
     * be a secret. Looked for before anything is made, so with nothing but files. A setting that could not be read is null here.
     */
    default List<String> unusable() {
        return List.of();
    }
}
