package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Where an environment says what it paid a student, before the student serves. */
@RestController
@RequestMapping("/v1/students/{student}/rewards")
class RewardsApi {
    private final Students students;
    private final Rewards rewards;

    RewardsApi(Students students, Rewards rewards) {
        this.students = students;
        this.rewards = rewards;
    }

    /** Answers 201, or 200 if all of it was here before. */
    @PostMapping
    ResponseEntity<Rewards.Taken> report(@PathVariable String student, @RequestBody RewardReport report) {
        Rewards.Taken taken = rewards.take(Caller.current(), find(student), report);
        return ResponseEntity.status(taken.added() > 0 ? HttpStatus.CREATED : HttpStatus.OK)
                .body(taken);
    }

    @GetMapping
    Page<Rewards.Episode> list(
            @PathVariable String student,
            @RequestParam(required = false) @Nullable String environment,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        Paging paging = Paging.of(cursor, limit);
        return rewards.episodes(Caller.current().tenant(), find(student), environment, paging);
    }

    private Student find(String student) {
        return students.find(Caller.current().tenant(), student, null).student();
    }
}
