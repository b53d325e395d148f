package io.logicdistillation.distillation.jobs;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.EnumNamingStrategies;
import tools.jackson.databind.annotation.EnumNaming;

/**
 * What to distil, from what, how and where. What a client leaves out is filled with the default, so that a stored job says all
 * of it.
 *
 * @param name of the student
 * @param base name of the base model, as workers announce theirs
 * @param start a student to go on from, or its name; stored as the id; the bare base model if absent
 * @param priority higher ones of a tenant go first
 * @param attemptLimit after how many failed attempts the job is given up
 * @param sweep which other hyperparameters to try; none if absent
 */
public record JobSpec(
        String name,
        Task task,
        Data dataset,
        Method method,
        String base,
        @Nullable String start,
        Long seed,
        Hyperparameters hyperparameters,
        Integer priority,
        Resources resources,
        Integer attemptLimit,
        @Nullable Sweep sweep) {
    private static final String USUAL_BASE = "SmolLM2-135M-Instruct";
    private static final Pattern BASE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    private static final Pattern GPU = Pattern.compile("[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}");
    private static final Set<String> WAYS = Set.of("recall", "reading");
    private static final int LONGEST_TEXT = 20_000;

    /** How a student learns. */
    @EnumNaming(EnumNamingStrategies.KebabCaseStrategy.class)
    public enum Method {
        /** Logic Distillation: which function the teacher chose. */
        LD,
        /** Plain distillation: what the teacher answered. The functions of such a task are the outputs themselves. */
        KD
    }

    /** Which weights a run trains; whichever they are, a student travels as an adapter of the job's rank. */
    @EnumNaming(EnumNamingStrategies.KebabCaseStrategy.class)
    public enum Adaptation {
        /** Two thin matrices beside every projection of the base model. */
        LORA,
        /** The same, with the base model's weights in four bits while it runs. */
        QLORA,
        /** The projections themselves, whose change is cut down to an adapter in the end. */
        FULL;

        /** As it is stored and sent. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What the student is told in every prompt. */
    public record Task(String name, String rules, List<Stage> stages) {
        public Task {
            Names.requireName("task.name", name);
            requireText("task.rules", rules);
            requireThat(
                    stages != null && !stages.isEmpty() && stages.size() <= 20, "task.stages must name 1 to 20 stages");
            stages = List.copyOf(stages);
            Set<String> names = new HashSet<>();
            stages.forEach(stage -> requireThat(names.add(stage.name()), "task.stages names a stage twice"));
        }
    }

    /** @param k how many candidates its decisions have */
    public record Stage(String name, String instruction, Integer k) {
        public Stage {
            Names.requireName("task.stages.name", name);
            requireText("task.stages.instruction", instruction);
            k = k == null ? 5 : k;
            requireThat(k >= 1 && k <= 64, "task.stages.k must lie between 1 and 64");
        }
    }

    /**
     * @param id of a dataset, or its name; stored as the id
     * @param version the newest sealed one if absent
     * @param sha256 of that version; if it is given and differs, the job is refused
     */
    public record Data(
            String id, @Nullable Integer version, @Nullable String sha256) {
        public Data {
            requireThat(id != null && !id.isBlank() && id.length() <= 64, "dataset.id must be a dataset's id or name");
        }
    }

    /**
     * As the worker's command line has them.
     *
     * @param readingShare of the steps that read
     * @param newcomerShare of those that read functions which join
     * @param drawnShare of what is left, spent on tasks drawn by chance
     * @param otherWordsShare of the task's own rows that are read with their functions renamed and in other words
     * @param strayShare of the recalled states with news of no concern to them
     * @param hardShare of the rows that are drawn from those which the student to go on from gets wrong or is unsure of
     * @param recordedShare of the rows that are shown with the candidates they were recorded with, the search's own and so the
     *     ones most alike; the others with some of their stage
     * @param fewerShare of the rows that are shown with fewer candidates
     * @param noneShare of the rows that are shown without the chosen one, so that "none" is right
     * @param gradientCheckpointing whether activations are computed twice rather than kept: less memory, more time
     * @param adaptation which weights are trained
     */
    public record Hyperparameters(
            List<String> ways,
            Integer steps,
            Double readingShare,
            Double newcomerShare,
            Double drawnShare,
            Double otherWordsShare,
            Double strayShare,
            Double hardShare,
            Double recordedShare,
            Double fewerShare,
            Double noneShare,
            Double learningRate,
            Integer rank,
            Integer alpha,
            Double heldOut,
            Integer checkEvery,
            Integer checkRows,
            Integer judgeRows,
            Double enough,
            Boolean gradientCheckpointing,
            Adaptation adaptation) {
        private static final Hyperparameters USUAL = new Hyperparameters(
                List.of("recall", "reading"),
                300,
                0.5,
                0.0,
                0.5,
                0.0,
                0.0,
                0.0,
                0.5,
                0.15,
                0.08,
                8e-4,
                16,
                32,
                0.1,
                50,
                40,
                200,
                0.99,
                false,
                Adaptation.LORA);

        public Hyperparameters {
            ways = ways == null ? USUAL.ways : List.copyOf(ways);
            steps = steps == null ? USUAL.steps : steps;
            readingShare = readingShare == null ? USUAL.readingShare : readingShare;
            newcomerShare = newcomerShare == null ? USUAL.newcomerShare : newcomerShare;
            drawnShare = drawnShare == null ? USUAL.drawnShare : drawnShare;
            otherWordsShare = otherWordsShare == null ? USUAL.otherWordsShare : otherWordsShare;
            strayShare = strayShare == null ? USUAL.strayShare : strayShare;
            hardShare = hardShare == null ? USUAL.hardShare : hardShare;
            recordedShare = recordedShare == null ? USUAL.recordedShare : recordedShare;
            fewerShare = fewerShare == null ? USUAL.fewerShare : fewerShare;
            noneShare = noneShare == null ? USUAL.noneShare : noneShare;
            learningRate = learningRate == null ? USUAL.learningRate : learningRate;
            rank = rank == null ? USUAL.rank : rank;
            alpha = alpha == null ? USUAL.alpha : alpha;
            heldOut = heldOut == null ? USUAL.heldOut : heldOut;
            checkEvery = checkEvery == null ? USUAL.checkEvery : checkEvery;
            checkRows = checkRows == null ? USUAL.checkRows : checkRows;
            judgeRows = judgeRows == null ? USUAL.judgeRows : judgeRows;
            enough = enough == null ? USUAL.enough : enough;
            gradientCheckpointing = gradientCheckpointing != null && gradientCheckpointing;
            adaptation = adaptation == null ? USUAL.adaptation : adaptation;
            requireThat(
                    !ways.isEmpty()
                            && WAYS.containsAll(ways)
                            && Set.copyOf(ways).size() == ways.size(),
                    "hyperparameters.ways must be recall, reading or both");
            requireRange("steps", steps, 1, 1_000_000);
            requireRange("readingShare", readingShare, 0, 1);
            requireRange("newcomerShare", newcomerShare, 0, 1);
            requireRange("drawnShare", drawnShare, 0, 1);
            requireRange("otherWordsShare", otherWordsShare, 0, 1);
            requireRange("strayShare", strayShare, 0, 1);
            requireRange("hardShare", hardShare, 0, 1);
            requireRange("recordedShare", recordedShare, 0, 1);
            requireRange("fewerShare", fewerShare, 0, 1);
            requireRange("noneShare", noneShare, 0, 1);
            requireRange("learningRate", learningRate, 1e-8, 1);
            requireRange("rank", rank, 1, 256);
            requireRange("alpha", alpha, 1, 1_024);
            requireRange("heldOut", heldOut, 0.001, 0.9);
            requireRange("checkEvery", checkEvery, 1, 1_000_000);
            requireRange("checkRows", checkRows, 1, 100_000);
            requireRange("judgeRows", judgeRows, 2, 1_000_000);
            requireRange("enough", enough, 0, 2);
        }
    }

    /**
     * What the worker must have; nothing named means that any will do.
     *
     * @param cpuOnly leave workers with a GPU to others
     * @param gpuMemoryMb of each GPU
     * @param gpus of one machine, on which the run is spread; one if a type or memory is named
     * @param sharded whether the base model's weights are spread over them too, where one alone could not hold them
     */
    public record Resources(
            Boolean cpuOnly, @Nullable String gpuType, Integer gpuMemoryMb, Integer gpus, Boolean sharded) {
        private static final int MOST_GPUS = 16;

        public Resources {
            cpuOnly = cpuOnly != null && cpuOnly;
            gpuMemoryMb = gpuMemoryMb == null ? 0 : gpuMemoryMb;
            boolean named = gpuType != null || gpuMemoryMb > 0;
            gpus = gpus == null ? (named ? 1 : 0) : gpus;
            requireThat(gpuType == null || GPU.matcher(gpuType).matches(), "resources.gpuType is no name of a GPU");
            requireRange("resources.gpuMemoryMb", gpuMemoryMb, 0, 10_000_000);
            requireRange("resources.gpus", gpus, named ? 1 : 0, MOST_GPUS);
            sharded = sharded != null && sharded;
            requireThat(!sharded || gpus > 1, "resources.sharded needs at least two gpus");
            requireThat(!cpuOnly || gpus == 0, "resources can not ask for a GPU and for none");
        }
    }

    public JobSpec {
        Names.requireName("name", name);
        requireThat(task != null, "task is missing: name, rules and stages");
        requireThat(dataset != null, "dataset is missing: its id, and version");
        method = method == null ? Method.LD : method;
        base = base == null ? USUAL_BASE : base;
        requireThat(BASE.matcher(base).matches(), "base must be the name of a base model");
        requireThat(
                start == null || !start.isBlank() && start.length() <= 80, "start must be a student's id or its name");
        seed = seed == null ? 7 : seed;
        requireRange("seed", seed, 0, Integer.MAX_VALUE);
        hyperparameters = hyperparameters == null ? Hyperparameters.USUAL : hyperparameters;
        requireThat(
                start != null || hyperparameters.hardShare() == 0,
                "hyperparameters.hardShare needs start: rows are hard for the student to go on from");
        priority = priority == null ? 0 : priority;
        requireRange("priority", priority, -100, 100);
        resources = resources == null ? new Resources(false, null, 0, 0, false) : resources;
        requireThat(
                !resources.sharded() || hyperparameters.adaptation() == Adaptation.LORA,
                "resources.sharded goes with hyperparameters.adaptation lora only");
        attemptLimit = attemptLimit == null ? 3 : attemptLimit;
        requireRange("attemptLimit", attemptLimit, 1, 20);
        sweep = sweep == null ? null : sweep.within(hyperparameters, start);
    }

    /** The same, with names replaced by what they mean at this moment. */
    JobSpec resolved(Data exactly, @Nullable String startId) {
        return new JobSpec(
                name,
                task,
                exactly,
                method,
                base,
                startId,
                seed,
                hyperparameters,
                priority,
                resources,
                attemptLimit,
                sweep);
    }

    private static void requireText(String what, String text) {
        requireThat(
                text != null && !text.isBlank() && text.length() <= LONGEST_TEXT && text.indexOf('\0') < 0,
                what + " must be a text of at most " + LONGEST_TEXT + " characters");
    }

    static void requireRange(String what, double value, double least, double most) {
        requireThat(value >= least && value <= most, what + " must lie between " + least + " and " + most);
    }

    static void requireThat(boolean condition, String otherwise) {
        if (!condition) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, otherwise);
        }
    }
}
