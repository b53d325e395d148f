package io.logicdistillation.functionbase.search;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** @param comparedShare of the searches through the vector index that are held against a comparison of all functions: 0 to 1 */
@ConfigurationProperties("search")
public record SearchProperties(@DefaultValue("0.01") double comparedShare) {
    public SearchProperties {
        if (!(comparedShare >= 0 && comparedShare <= 1)) {
            throw new IllegalArgumentException("search.compared-share must lie between 0 and 1");
        }
    }
}
