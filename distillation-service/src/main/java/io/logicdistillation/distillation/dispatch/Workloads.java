package io.logicdistillation.distillation.dispatch;

import java.util.List;

/** The objects of one kind on a cluster that run our runs; each is made whole, watched, and deleted. */
interface Workloads {
    /** As people know the kind. */
    String kind();

    /** Ours, whatever state they are in. */
    List<Workload> list();

    /** Under the name that the run's worker has. */
    void create(Run run);

    /** With what it made. */
    void delete(String name);

    /** On its pods, with its name as the value. */
    String podLabel();

    /** The worker's in its pods. */
    String container();
}
