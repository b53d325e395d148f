package io.logicdistillation.inference.engine;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How a student did on rows that neither its training nor its calibration had seen: per way and stage, how often it was at
 * least so sure, and how often it was right when it was. Immutable.
 */
public final class HeldOut {
    public static final HeldOut NOTHING = new HeldOut(Map.of());

    private final Map<Way, Map<String, List<Point>>> curves;

    private HeldOut(Map<Way, Map<String, List<Point>>> curves) {
        this.curves = curves;
    }

    /**
     * @param threshold least probability of the best candidate
     * @param kept rows that reach it, of those where a candidate was more probable than none of them
     * @param agreed those of them in which the student chose as its teacher had
     * @param rows all of the curve's
     */
    public record Point(double threshold, int kept, int agreed, int rows) {
        boolean isSane() {
            return threshold >= 0 && threshold <= 1 && agreed >= 0 && agreed <= kept && kept <= rows;
        }

        /** Rows that the student would have decided, wrongly. */
        public int wrong() {
            return kept - agreed;
        }
    }

    /** Reads a manifest's metrics; what is not of the expected shape counts as absent, for older students have none of it. */
    public static HeldOut of(@Nullable JsonNode metrics) {
        if (metrics == null) {
            return NOTHING;
        }
        Map<Way, Map<String, List<Point>>> curves = new EnumMap<>(Way.class);
        for (Way way : Way.values()) {
            Map<String, List<Point>> stages = new HashMap<>();
            for (Map.Entry<String, JsonNode> stage :
                    metrics.path(way.name().toLowerCase(Locale.ROOT)).properties()) {
                List<Point> points = points(stage.getValue());
                if (!points.isEmpty()) {
                    stages.put(stage.getKey(), points);
                }
            }
            curves.put(way, stages);
        }
        return new HeldOut(curves);
    }

    private static List<Point> points(JsonNode stage) {
        int rows = stage.path("rows").asInt(0);
        List<Point> points = new ArrayList<>();
        for (JsonNode each : stage.path("curve")) {
            Point point = new Point(
                    each.path("threshold").asDouble(-1),
                    each.path("kept").asInt(-1),
                    each.path("agreed").asInt(-1),
                    rows);
            if (!point.isSane()) {
                return List.of();
            }
            points.add(point);
        }
        return List.copyOf(points);
    }

    /** Empty if the student was not measured so. */
    public List<Point> curve(Way way, String stage) {
        return curves.getOrDefault(way, Map.of()).getOrDefault(stage, List.of());
    }
}
