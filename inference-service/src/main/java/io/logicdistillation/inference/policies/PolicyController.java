package io.logicdistillation.inference.policies;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.inference.functionbase.PreparedSnapshot;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.kit.Caller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** A task's policy, read and replaced. */
@RestController
class PolicyController {
    private final Policies policies;
    private final Snapshots snapshots;

    PolicyController(Policies policies, Snapshots snapshots) {
        this.policies = policies;
        this.snapshots = snapshots;
    }

    @GetMapping("/v1/tasks/{task}/decision-policy")
    DecisionPolicy policy(@PathVariable String task) {
        TaskKey key = key(task);
        snapshots.of(key, null);
        return policies.read(key);
    }

    @PutMapping("/v1/tasks/{task}/decision-policy")
    DecisionPolicy replace(@PathVariable String task, @RequestBody DecisionPolicy policy) {
        TaskKey key = key(task);
        PreparedSnapshot snapshot = snapshots.of(key, null);
        policy.thresholds().keySet().forEach(stage -> snapshot.task().stage(stage));
        return policies.put(key, policy, Caller.current().name());
    }

    private static TaskKey key(String task) {
        Names.requireName("task", task);
        return new TaskKey(Caller.current().tenant(), task);
    }
}
