package io.logicdistillation.distillation.datasets;

import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What is in a dataset: whether every function is taught often enough, and whether stages are covered. Thread-safe. */
@Component
public class Profiles {
    private static final String STAGES = """
            SELECT stage, count(*) AS rows, count(*) FILTER (WHERE held_out) AS held_out,
                   count(DISTINCT episode) AS episodes
            FROM trajectories WHERE dataset = :dataset GROUP BY stage ORDER BY stage
            """;
    private static final String FUNCTIONS = """
            SELECT c ->> 'function' AS function, count(*) AS offered,
                   count(*) FILTER (WHERE c ->> 'function' = t.chosen) AS chosen
            FROM trajectories t, jsonb_array_elements(t.line::jsonb -> 'candidates') c
            WHERE t.dataset = :dataset AND t.stage = :stage
            GROUP BY 1 ORDER BY chosen DESC, 1
            """;

    private final JdbcClient jdbc;

    Profiles(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** @param stages in the order of their names */
    public record Profile(long rows, List<Stage> stages) {}

    /**
     * @param heldOut rows on the test side of the split
     * @param balance entropy of the choices over that of an even draw among all functions offered: 1 is even, 0 one function alone
     */
    public record Stage(
            String stage, long rows, long heldOut, long episodes, double balance, List<Function> functions) {}

    /**
     * @param offered rows in which it was a candidate
     * @param chosen rows in which the teacher chose it; none means that nothing teaches when it fits
     */
    public record Function(String function, long offered, long chosen) {}

    public Profile of(Dataset dataset) {
        List<Stage> stages = jdbc.sql(STAGES)
                .param("dataset", dataset.number())
                .query((row, index) -> stage(dataset, row.getString("stage"), new long[] {
                    row.getLong("rows"), row.getLong("held_out"), row.getLong("episodes")
                }))
                .list();
        return new Profile(stages.stream().mapToLong(Stage::rows).sum(), stages);
    }

    private Stage stage(Dataset dataset, String stage, long[] counts) {
        List<Function> functions = jdbc.sql(FUNCTIONS)
                .param("dataset", dataset.number())
                .param("stage", stage)
                .query((row, index) ->
                        new Function(row.getString("function"), row.getLong("offered"), row.getLong("chosen")))
                .list();
        return new Stage(stage, counts[0], counts[1], counts[2], balance(functions), functions);
    }

    private static double balance(List<Function> functions) {
        double total = functions.stream().mapToLong(Function::chosen).sum();
        double entropy = functions.stream()
                .filter(function -> function.chosen() > 0)
                .mapToDouble(function -> -function.chosen() / total * Math.log(function.chosen() / total))
                .sum();
        return functions.size() < 2 ? 1 : entropy / Math.log(functions.size());
    }
}
