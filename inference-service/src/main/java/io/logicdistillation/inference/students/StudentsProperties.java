package io.logicdistillation.inference.students;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param url of the distillation-service, whose registry says which student is promoted
 * @param poll pause between two questions about a task's promoted student
 * @param idle after this time without a decision a task is no longer followed
 * @param loadWait how long a decision waits for the first student of a task to be loaded
 * @param retry pause before a student that could not be loaded is tried again
 * @param modelFile the base model, a GGUF file
 * @param dataDir holds the downloaded students and what the engine makes of them
 * @param resident students in memory at once
 * @param remembered scores kept of each for questions that come again; about half a kilobyte each
 */
@ConfigurationProperties("inference.students")
public record StudentsProperties(
        @DefaultValue("http://127.0.0.1:8082") URI url,
        @DefaultValue("1s") Duration poll,
        @DefaultValue("15m") Duration idle,
        @DefaultValue("25s") Duration loadWait,
        @DefaultValue("5s") Duration retry,
        @Nullable Path modelFile,
        @DefaultValue(".platform/inference") Path dataDir,
        @DefaultValue("4") int resident,
        @DefaultValue("8192") int remembered) {}
