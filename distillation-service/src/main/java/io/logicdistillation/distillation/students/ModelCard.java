package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.Student;
import io.logicdistillation.distillation.datasets.Profiles;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a person should know of a student before relying on it, as Markdown: where it comes from, what it was taught, how it did, and
 * where that ends. Made from the manifest, the dataset and the journal each time, so that it can not go stale. Whatever others wrote
 * stands in code spans or tables, with nothing in it that Markdown or HTML would take for its own.
 */
final class ModelCard {
    private static final int LONGEST = 200;
    private static final int MOST_TRIALS = 16;

    private final StringBuilder text = new StringBuilder();
    private final Student student;
    private final Map<?, ?> manifest;
    private final Map<?, ?> training;

    private ModelCard(Student student) {
        this.student = student;
        this.manifest = student.manifest();
        this.training = members(manifest.get("training"));
    }

    /** @param profile of the dataset that its job was about, where that is here */
    record Sources(
            Student student,
            Verdicts.Judged judged,
            Optional<Profiles.Profile> profile,
            List<Promotions.Entry> journal) {}

    static String of(Sources sources) {
        ModelCard card = new ModelCard(sources.student());
        card.head();
        card.lineage();
        card.sweep();
        card.dataset(sources.profile());
        card.evaluation(sources.judged().evaluation());
        card.rewards(sources.judged().rewards());
        card.timing(sources.judged().timing());
        card.gate(sources.judged().gate());
        card.limits(sources.judged().evaluation());
        card.journal(sources.journal());
        return card.text.toString();
    }

    private void head() {
        line("# " + student.name());
        line("");
        line("A student of the task " + code(student.task()) + ", made by " + code(student.method())
                + ": a small model that chooses among the functions of the task as its teacher did. "
                + (student.promoted() ? "It serves the task now." : "It does not serve the task now."));
        line("");
        row("", "");
        row("---", "---");
        row("Id", code(student.id()));
        row("Imported", student.createdAt());
        row("Prefers to decide by", code(manifest.get("preferredWay")));
        line("");
    }

    private void lineage() {
        Map<?, ?> base = members(manifest.get("base"));
        Map<?, ?> lora = members(manifest.get("lora"));
        Map<?, ?> adapter = members(members(manifest.get("files")).get("adapter"));
        line("## Where it comes from");
        line("");
        row("", "");
        row("---", "---");
        row("Base model", code(base.get("name")) + ", SHA-256 " + code(base.get("sha256")));
        row(
                "Adapter",
                adapter.isEmpty()
                        ? "none: the base model as it is"
                        : "LoRA of rank " + code(lora.get("rank"))
                                + ", alpha " + code(lora.get("alpha")) + ", " + code(adapter.get("bytes"))
                                + " bytes, SHA-256 "
                                + code(adapter.get("sha256")));
        known("Went on from the adapter", members(training.get("startedFrom")).get("adapter"));
        known("Distillation job", members(training.get("job")).get("id"));
        known("Functions as of snapshot", training.get("snapshot"));
        known("Seed", training.get("seed"));
        known("Steps, best", training.get("steps"), training.get("bestStep"));
        known("Learning rate", training.get("learningRate"));
        known("Adaptation", training.get("adaptation"));
        known("Share of the weights' change that the adapter keeps", training.get("kept"));
        known("Tokens, seconds", training.get("tokens"), training.get("seconds"));
        known("Machine, device", training.get("machine"), training.get("device"));
        known("Processes", training.get("processes"));
        members(training.get("versions")).forEach((name, version) -> known(String.valueOf(name), version));
        line("");
    }

    /** What else was tried, so that nobody tries it again, and so that the winner's figure is known as the best of several. */
    private void sweep() {
        if (!(members(training.get("sweep")).get("trials") instanceof List<?> trials) || trials.isEmpty()) {
            return;
        }
        line("## What was tried");
        line("");
        line("Trials of a sweep, compared on rows held out of the training. "
                + (members(training.get("judgedOn")).isEmpty()
                        ? "The figures below are of such rows too, and flattered by the choice:"
                        : "The figures below are of other episodes:"));
        line("");
        row("Trial", "Hyperparameters", "State", "Steps", "Best agreement");
        row("---", "---", "---", "---", "---");
        trials.stream()
                .limit(MOST_TRIALS)
                .map(ModelCard::members)
                .forEach(trial -> row(
                        code(trial.get("number")),
                        members(trial.get("hyperparameters")).entrySet().stream()
                                .map(each -> plain(each.getKey()) + " " + code(each.getValue()))
                                .collect(Collectors.joining(", ")),
                        plain(trial.get("state"))
                                + (trial.get("reason") == null ? "" : ": " + plain(trial.get("reason"))),
                        code(trial.get("step")),
                        trial.get("agreement") == null ? "none" : code(trial.get("agreement"))));
        line("");
    }

    private void dataset(Optional<Profiles.Profile> profile) {
        Map<?, ?> trained = members(training.get("dataset"));
        Map<?, ?> judged = members(training.get("judgedOn"));
        line("## What it was taught");
        line("");
        if (trained.isEmpty()) {
            line("Its manifest does not name the data.");
        } else {
            line(code(trained.get("rows")) + " rows of " + code(trained.get("episodes")) + " episodes, SHA-256 "
                    + code(trained.get("sha256")) + ". Whole episodes were held out. "
                    + (judged.isEmpty()
                            ? "It was judged on episodes of the same data."
                            : "It was judged on " + code(judged.get("episodes")) + " episodes of other data, SHA-256 "
                                    + code(judged.get("sha256")) + "."));
        }
        line("");
        profile.ifPresent(this::profile);
    }

    private void profile(Profiles.Profile profile) {
        line("The dataset as it is today; a balance of 1 means that all functions are chosen alike:");
        line("");
        row("Stage", "Rows", "Held out", "Episodes", "Balance", "Functions, times chosen");
        row("---", "---", "---", "---", "---", "---");
        profile.stages()
                .forEach(stage -> row(
                        code(stage.stage()),
                        stage.rows(),
                        stage.heldOut(),
                        stage.episodes(),
                        number(stage.balance()),
                        stage.functions().stream()
                                .map(function -> code(function.function()) + " " + function.chosen())
                                .collect(Collectors.joining(", "))));
        line("");
    }

    private void evaluation(Evaluation evaluation) {
        line("## How it did");
        line("");
        if (evaluation.stages().isEmpty()) {
            line("It has not been judged.");
            line("");
            return;
        }
        line("Choices like the teacher's on held-out rows, deciding by " + code(evaluation.way())
                + ", with 95% intervals (Wilson):");
        line("");
        row("Stage", "Agreement", "Interval", "Rows", "Calibration error");
        row("---", "---", "---", "---", "---");
        evaluation
                .stages()
                .forEach(stage -> row(
                        code(stage.stage()),
                        number(stage.agreement()),
                        number(stage.low()) + " to " + number(stage.high()),
                        stage.rows(),
                        stage.calibrationError() == null ? "unknown" : number(stage.calibrationError())));
        line("");
    }

    private void rewards(List<Reward> rewards) {
        if (rewards.isEmpty()) {
            return;
        }
        line("What it got in whole episodes, with 95% intervals (Student's t; of the same episodes, by pairs):");
        line("");
        row("Environment", "Episodes", "Reward", "Interval", "Share of the teacher's", "Less the serving student's");
        row("---", "---", "---", "---", "---", "---");
        rewards.forEach(found -> row(
                code(found.environment()),
                found.episodes(),
                number(found.reward()),
                found.low() == null || found.high() == null
                        ? "unknown"
                        : number(found.low()) + " to " + number(found.high()),
                beside(found.teacher(), Reward.Beside::share),
                beside(found.serving(), Reward.Beside::difference)));
        line("");
    }

    private void timing(@Nullable Timing timing) {
        if (timing == null) {
            return;
        }
        line("How long it takes to choose, in milliseconds, on " + code(timing.machine()) + " at " + timing.measuredAt()
                + (timing.serving() == null ? ":" : ", in turns with " + code(timing.serving()) + ":"));
        line("");
        row("Stage", "Rows", "Way", "Engine", "p50", "p99", "The other's p50", "Times as long");
        row("---", "---", "---", "---", "---", "---", "---", "---");
        timing.stages().forEach(stage -> {
            Timing.Took serving = stage.serving();
            Reward.Estimate ratio = stage.ratio();
            row(
                    code(stage.stage()),
                    stage.rows(),
                    code(stage.student().way()),
                    code(stage.student().engine()),
                    number(stage.student().p50Ms()),
                    number(stage.student().p99Ms()),
                    serving == null ? "none" : number(serving.p50Ms()),
                    ratio == null
                            ? "unknown"
                            : number(ratio.value()) + " [" + number(ratio.low()) + ", " + number(ratio.high()) + "]");
        });
        line("");
    }

    private static String beside(
            Reward.@Nullable Beside beside, Function<Reward.Beside, Reward.@Nullable Estimate> figure) {
        Reward.Estimate found = beside == null ? null : figure.apply(beside);
        return beside == null || found == null
                ? "unknown"
                : number(found.value()) + " [" + number(found.low()) + ", " + number(found.high()) + "] in "
                        + beside.episodes();
    }

    private void gate(PromotionGate.Verdict verdict) {
        line(verdict.passed() ? "The promotion gate would let it pass today." : "The promotion gate refuses it today:");
        line("");
        verdict.reasons().forEach(reason -> line("- " + plain(reason)));
        verdict.comparisons()
                .forEach(found -> line("- " + code(found.stage()) + ": " + number(found.difference()) + " ["
                        + number(found.low()) + ", " + number(found.high())
                        + "] against the student that serves, "
                        + (found.paired() ? "on the same " + found.rows() + " rows" : "each on rows of its own")));
        line("");
    }

    private void limits(Evaluation evaluation) {
        line("## Where this ends");
        line("");
        line("- Agreement says how often it chose as its teacher, not how often the teacher was right."
                + " What that is worth, an environment's rewards say.");
        line("- The figures hold for states like those it was judged on. Of others they say nothing.");
        boolean reads =
                !members(members(manifest.get("metrics")).get("reading")).isEmpty();
        line(
                reads
                        ? "- Functions that it was not trained on are judged by reading their manual entries; see its figures for that."
                        : "- It has no figures for reading: functions that it was not trained on are judged by what the base model makes of them.");
        if (manifest.get("knownEntries") instanceof List<?> entries) {
            line("- It was trained on " + entries.size()
                    + " manual entries; one whose text changes is a new one to it.");
        }
        evaluation.stages().stream()
                .filter(stage -> stage.high() - stage.low() > 0.1)
                .forEach(stage -> line("- " + code(stage.stage()) + ": " + stage.rows()
                        + " rows leave its agreement uncertain by more than ten points."));
        line("- It answers with a choice among the candidates it is shown, or none; it writes no text.");
        line("");
    }

    private void journal(List<Promotions.Entry> journal) {
        line("## Promotions");
        line("");
        if (journal.isEmpty()) {
            line("None.");
        }
        journal.forEach(entry -> line("- " + entry.decidedAt() + " " + entry.kind() + share(entry.canary()) + " by "
                + code(entry.decidedBy())
                + (entry.reason() == null ? "" : ": " + plain(entry.reason()))
                + (entry.overrode() == null ? "" : " (against the gate: " + plain(entry.overrode()) + ")")));
    }

    private static String share(Canaries.@Nullable Note canary) {
        return canary == null ? "" : " (canary of " + canary.terms().percent() + "%: " + canary.event() + ")";
    }

    private void known(String name, @Nullable Object... values) {
        String said = Arrays.stream(values)
                .filter(value -> value != null)
                .map(ModelCard::code)
                .collect(Collectors.joining(", "));
        if (!said.isEmpty()) {
            row(plain(name), said);
        }
    }

    private void row(Object... cells) {
        line(Arrays.stream(cells).map(String::valueOf).collect(Collectors.joining(" | ", "| ", " |")));
    }

    private void line(String said) {
        text.append(said).append('\n');
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    private static String code(@Nullable Object value) {
        return "`" + safe(value).replace('`', '\'') + "`";
    }

    private static String plain(@Nullable Object value) {
        return safe(value).replaceAll("([\\\\`*_\\[\\]#!])", "\\\\$1");
    }

    private static String safe(@Nullable Object value) {
        String said = String.valueOf(value).replaceAll("\\s+", " ").replace("|", "/");
        String cut = said.length() <= LONGEST ? said : said.substring(0, LONGEST) + " ...";
        return cut.replace("&", "&amp;").replace("<", "&lt;");
    }

    private static Map<?, ?> members(@Nullable Object json) {
        return json instanceof Map<?, ?> found ? found : Map.of();
    }
}
