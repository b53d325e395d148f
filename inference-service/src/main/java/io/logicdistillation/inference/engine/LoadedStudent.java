package io.logicdistillation.inference.engine;

import io.logicdistillation.kit.Sha256;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A student in memory.
 *
 * <p>Every prefix and every entry's block is computed in a run of its own. The arithmetic of eight bits scales each run
 * by its largest activation, so blocks computed together would depend on each other, and a score on what was asked
 * before.
 */
final class LoadedStudent implements StudentEngine, AutoCloseable {
    private static final int[] NO_ANSWER = {0};

    private final StudentManifest manifest;
    private final Set<String> known;
    private final BaseModel base;
    private final SetPrompt prompt;
    private final DecoderSession session;
    private final KeyValueCache cache;
    private final ReentrantLock turn;
    private final ScoreMemory memory;
    private volatile boolean closed;

    private LoadedStudent(
            StudentManifest manifest,
            BaseModel base,
            DecoderSession session,
            EngineSettings settings,
            ReentrantLock turn) {
        this.manifest = manifest;
        this.known = manifest.knownEntries() == null ? Set.of() : manifest.knownEntries();
        this.base = base;
        this.prompt = new SetPrompt(base.tokenizer(), manifest.prompt().longestEntry());
        this.session = session;
        this.cache = new KeyValueCache(base.shape(), settings.cacheBytes(), session::newWorkspace);
        this.memory = new ScoreMemory(settings.rememberedScores());
        this.turn = turn;
    }

    /** @param turn held during every run; shared by all students, since one run uses all cores */
    static LoadedStudent load(StudentPackage student, BaseModel base, EngineSettings settings, ReentrantLock turn) {
        Path graph = ConvertedStudent.graph(base, student, settings.numerics(), settings.cacheFolder());
        DecoderSession session = DecoderSession.open(base, graph, settings.threads());
        return new LoadedStudent(student.manifest(), base, session, settings, turn);
    }

    @Override
    public Scores score(ScoringRequest request) {
        List<Entry> canonical = canonical(request);
        return asAsked(request, canonical, memory.get(request, canonical, () -> computed(request, canonical)));
    }

    private List<Entry> canonical(ScoringRequest request) {
        checkOpen();
        return request.entries().stream().sorted(SetPrompt.CANONICAL).toList();
    }

    private static Scores asAsked(ScoringRequest request, List<Entry> canonical, Scores scores) {
        List<Double> asAsked = new ArrayList<>(canonical.size());
        for (Entry entry : request.entries()) {
            asAsked.add(scores.probabilities().get(canonical.indexOf(entry)));
        }
        return scores.with(asAsked);
    }

    @Override
    public StudentEngine anew() {
        return new Anew();
    }

    /** Passes by the memory of scores, not by that of keys and values: those are there too when a view is new. */
    private final class Anew implements StudentEngine {
        @Override
        public Scores score(ScoringRequest request) {
            List<Entry> canonical = canonical(request);
            return asAsked(request, canonical, computed(request, canonical));
        }

        @Override
        public boolean recalls(String stage, Entry entry) {
            return LoadedStudent.this.recalls(stage, entry);
        }

        @Override
        public boolean isSingleToken(String handle) {
            return LoadedStudent.this.isSingleToken(handle);
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new EngineException(
                    EngineException.Kind.CLOSED, "the student %s was unloaded".formatted(manifest.name()));
        }
    }

    private Scores computed(ScoringRequest request, List<Entry> canonical) {
        long begun = System.nanoTime();
        Job job = switch (request.way()) {
            case RECALL -> recallJob(request, canonical);
            case READING -> readingJob(request, canonical);
        };
        long prepared = System.nanoTime();
        turn.lock();
        try {
            long started = System.nanoTime();
            checkOpen();
            Workspace workspace = composed(job);
            int cached = workspace.length();
            float[] logits = session.run(workspace, cached, job.tokens, job.answers);
            Duration prefill = Duration.ofNanos(prepared - begun + System.nanoTime() - started);
            return scores(request, canonical.size(), logits, job.tokens.length(), cached, prefill);
        } finally {
            cache.trim();
            turn.unlock();
        }
    }

    /** What a call needs: the prefix and what directly follows it, both kept, then the new tokens, then the tokens to score. */
    private record Job(Kept prefix, List<Kept> following, NewTokens tokens, int[] answers) {}

    /** A text whose keys and values are kept. */
    private record Kept(String text, int[] tokens) {}

    private Job recallJob(ScoringRequest request, List<Entry> canonical) {
        int[] prefix = prompt.prefix(request.prefix());
        List<Kept> entries = canonical.stream()
                .map(SetPrompt::recallText)
                .map(text -> new Kept(text, prompt.recallEntry(text)))
                .toList();
        NewTokens tail = prompt.recallTail(prefix.length, request.view());
        int cached = prefix.length
                + entries.stream().mapToInt(entry -> entry.tokens.length).sum();
        checkLength(Math.max(cached, prefix.length + manifest.prompt().longestEntry()) + tail.length());
        return new Job(new Kept(request.prefix(), prefix), entries, tail, prompt.recallAnswers(canonical));
    }

    private Job readingJob(ScoringRequest request, List<Entry> canonical) {
        int[] prefix = prompt.prefix(request.prefix());
        List<Kept> context = request.context().isEmpty()
                ? List.of()
                : List.of(new Kept(request.context(), prompt.context(request.context())));
        int cached = prefix.length
                + context.stream().mapToInt(kept -> kept.tokens.length).sum();
        NewTokens all = prompt.reading(cached, request.view(), canonical);
        checkLength(cached + all.length());
        return new Job(new Kept(request.prefix(), prefix), context, all, prompt.readingAnswers());
    }

    private void checkLength(int tokens) {
        if (tokens > base.shape().context()) {
            throw new EngineException(
                    EngineException.Kind.TOO_LONG,
                    "rules, view and manual entries take %d tokens; the model reads %d"
                            .formatted(tokens, base.shape().context()));
        }
    }

    /** A workspace with what is kept at its front and room for the new tokens. */
    private Workspace composed(Job job) {
        String prefix = job.prefix.text;
        List<String> names = new ArrayList<>();
        names.add(prefix);
        int cached = job.prefix.tokens.length;
        for (Kept kept : job.following) {
            names.add(prefix + kept.text);
            cached += kept.tokens.length;
        }
        int capacity = cached + job.tokens.length();
        Workspace found = cache.composed(names, capacity);
        if (found != null) {
            return found;
        }
        List<KeyValueBlock> blocks = new ArrayList<>();
        blocks.add(cache.block(prefix, () -> compute(List.of(), List.of(), job.prefix.tokens)));
        for (Kept kept : job.following) {
            List<KeyValueBlock> before = List.of(blocks.getFirst());
            blocks.add(cache.block(prefix + kept.text, () -> compute(List.of(prefix), before, kept.tokens)));
        }
        Workspace workspace = cache.workspace(capacity);
        workspace.compose(names, blocks);
        return workspace;
    }

    private KeyValueBlock compute(List<String> names, List<KeyValueBlock> before, int[] tokens) {
        int cached = before.stream().mapToInt(KeyValueBlock::length).sum();
        Workspace workspace = cache.composed(names, cached + tokens.length);
        if (workspace == null) {
            workspace = cache.workspace(cached + tokens.length);
            workspace.compose(names, before);
        }
        int done = 0;
        if (cached == 0) {
            // The first token's activations dwarf all others'; in a run of its own it does not coarsen theirs.
            session.run(workspace, 0, NewTokens.causal(Arrays.copyOf(tokens, 1), 0), NO_ANSWER);
            done = 1;
        }
        if (done < tokens.length) {
            int[] rest = Arrays.copyOfRange(tokens, done, tokens.length);
            session.run(workspace, cached + done, NewTokens.causal(rest, cached + done), NO_ANSWER);
        }
        return workspace.extract(cached, tokens.length);
    }

    private Scores scores(
            ScoringRequest request, int count, float[] logits, int newTokens, int cachedTokens, Duration prefill) {
        StudentManifest.StageCalibration calibration = manifest.calibration(request);
        double[] raw = new double[count + 1];
        for (int k = 0; k <= count; k++) {
            raw[k] = switch (request.way()) {
                case RECALL -> logits[k];
                case READING -> k < count ? logits[2 * k] - logits[2 * k + 1] : calibration.noneBias();
            };
            if (!Double.isFinite(raw[k])) {
                throw new EngineException(
                        EngineException.Kind.NOT_A_NUMBER,
                        "the student %s answered with a score that is no number".formatted(manifest.name()));
            }
        }
        double[] shares = calibration.shares(raw);
        List<Double> inCanonicalOrder = Arrays.stream(shares, 0, count).boxed().toList();
        return new Scores(request.way(), inCanonicalOrder, shares[count], newTokens, cachedTokens, prefill);
    }

    @Override
    public boolean recalls(String stage, Entry entry) {
        return manifest.preferred() == Way.RECALL
                && known.contains(identity(stage, entry))
                && isSingleToken(entry.handle());
    }

    private static String identity(String stage, Entry entry) {
        String text = stage + "\n" + entry.handle() + "\n" + entry.manual();
        return Sha256.of(text);
    }

    @Override
    public boolean isSingleToken(String handle) {
        return prompt.isSingleToken(handle);
    }

    CacheStatistics cacheStatistics() {
        return cache.statistics();
    }

    /** Waits for the run in progress; later calls are refused. */
    @Override
    public void close() {
        turn.lock();
        try {
            if (!closed) {
                closed = true;
                cache.close();
                session.close();
            }
        } finally {
            turn.unlock();
        }
    }
}
