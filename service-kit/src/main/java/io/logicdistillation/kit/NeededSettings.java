package io.logicdistillation.kit;

import java.util.List;

/** Properties of which some have to be given: none has a default that would do. */
public interface NeededSettings {
    /** What is not there, each as a sentence for whoever starts the service; empty if nothing is missing. */
    List<String> missing();
}
