package io.logicdistillation.functionbase.imports;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * @param largestBody of an import; the gateway takes no more than 2 GB
 * @param functions of one import at most
 * @param underWay imports that a tenant may have under way
 * @param concurrent functions of one import that are verified at once
 * @param running imports that one replica works on at once
 * @param lease of a replica on an import; another one takes it over when it is not renewed for so long
 * @param pause before an import goes on that found the sandbox too busy
 */
@ConfigurationProperties("imports")
public record ImportProperties(
        @DefaultValue("2GB") DataSize largestBody,
        @DefaultValue("200000") int functions,
        @DefaultValue("2") int underWay,
        @DefaultValue("4") int concurrent,
        @DefaultValue("2") int running,
        @DefaultValue("30s") Duration lease,
        @DefaultValue("5s") Duration pause) {}
