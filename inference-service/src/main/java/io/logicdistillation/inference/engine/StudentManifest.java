package io.logicdistillation.inference.engine;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What the engine needs of a student's {@code manifest.json}; training data and metrics are left to other readers. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record StudentManifest(
        int format,
        String name,
        String task,
        Base base,
        Files files,
        @Nullable Lora lora,
        Prompt prompt,
        String preferredWay,
        @Nullable Set<String> knownEntries,
        @Nullable Calibration calibration,
        @Nullable JsonNode metrics) {

    public StudentManifest {
        knownEntries = knownEntries == null ? Set.of() : Set.copyOf(knownEntries);
    }

    /** What keeps this manifest from being served, or null. Parsed JSON may lack anything. */
    @Nullable
    String complaint() {
        if (format != 1) {
            return "format is " + format + ", not 1";
        }
        if (isBlank(name) || base == null || isBlank(base.sha256()) || files == null || files.activations() == null) {
            return "name, base or files is missing";
        }
        if (prompt == null || !"set-v1".equals(prompt.format()) || prompt.longestEntry() < 1) {
            return "the prompt is not of format set-v1";
        }
        if ((files.adapter() == null) != (lora == null) || (lora != null && lora.rank() < 1)) {
            return "adapter and lora belong together";
        }
        if (!"recall".equals(preferredWay) && !"reading".equals(preferredWay)) {
            return "preferredWay is neither recall nor reading";
        }
        return calibration == null || calibration.isSane() ? null : "a temperature is not a positive number";
    }

    private static boolean isBlank(@Nullable String text) {
        return text == null || text.isBlank();
    }

    public Way preferred() {
        return Way.valueOf(preferredWay.toUpperCase(Locale.ROOT));
    }

    /** Neutral where the student was not calibrated. */
    public StageCalibration calibration(ScoringRequest request) {
        return calibration == null ? StageCalibration.NEUTRAL : calibration.of(request);
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Base(String name, String file, String sha256) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Files(@Nullable PackagedFile adapter, PackagedFile activations) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record PackagedFile(String path, String sha256, long bytes) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Lora(int rank, double alpha) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Prompt(String format, int longestEntry) {}

    /** @param joining of reading where known entries are recalled beside; that of reading where a student has none */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Calibration(
            @Nullable Map<String, StageCalibration> recall,
            @Nullable Map<String, StageCalibration> reading,
            @Nullable Map<String, StageCalibration> joining) {
        private static final String ANY_STAGE = "*";

        boolean isSane() {
            return Stream.of(recall, reading, joining)
                    .flatMap(stages -> stages == null ? Stream.empty() : stages.values().stream())
                    .allMatch(stage -> stage.temperature() > 0 && Double.isFinite(stage.noneBias()));
        }

        /** The stage's own, else that of any stage; neutral where the student was not calibrated. */
        StageCalibration of(ScoringRequest request) {
            Map<String, StageCalibration> stages = switch (request.way()) {
                case RECALL -> recall;
                case READING -> request.joins() && joining != null ? joining : reading;
            };
            if (stages == null) {
                return StageCalibration.NEUTRAL;
            }
            StageCalibration ofAny = stages.getOrDefault(ANY_STAGE, StageCalibration.NEUTRAL);
            return stages.getOrDefault(request.stage(), ofAny);
        }
    }

    /** @param noneBias of reading only: the margin that "none of these" has before any entry is judged */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record StageCalibration(double temperature, double noneBias) {
        static final StageCalibration NEUTRAL = new StageCalibration(1, 0);

        /**
         * Probabilities that add up to one.
         *
         * @param raw a number for each candidate and, last, for "none of these"; as far apart as the student's logits are
         */
        public double[] shares(double[] raw) {
            double[] shares = new double[raw.length];
            for (int i = 0; i < raw.length; i++) {
                shares[i] = raw[i] / temperature;
            }
            double largest = Arrays.stream(shares).max().orElseThrow();
            double sum = 0;
            for (int i = 0; i < shares.length; i++) {
                shares[i] = Math.exp(shares[i] - largest);
                sum += shares[i];
            }
            for (int i = 0; i < shares.length; i++) {
                shares[i] /= sum;
            }
            return shares;
        }
    }
}
