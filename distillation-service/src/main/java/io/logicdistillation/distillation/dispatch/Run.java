package io.logicdistillation.distillation.dispatch;

import io.logicdistillation.distillation.jobs.JobSpec;

/** A run that could be claimed now. */
record Run(Id id, JobSpec spec) {
    /**
     * One attempt at a job, from before its claim on.
     *
     * @param number of the job's row
     * @param job its id, for people
     * @param run the fencing token that its claim has, or will have
     */
    record Id(long number, String job, long run) {
        /** How a worker that was started for it calls itself; also a name that Kubernetes takes. */
        String worker() {
            return "ld-" + job + "-" + run;
        }
    }

    boolean needsGpu() {
        return spec.resources().gpus() > 0;
    }
}
