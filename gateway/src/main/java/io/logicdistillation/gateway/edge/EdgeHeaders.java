package io.logicdistillation.gateway.edge;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The headers that every answer has from the gateway itself. */
public final class EdgeHeaders {
    /** Everything comes from this origin, styles and scripts from files: an injected tag can do nothing. */
    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    static final Map<String, String> SECURITY = Map.of(
            "Content-Security-Policy", CONTENT_SECURITY_POLICY,
            "X-Content-Type-Options", "nosniff",
            "X-Frame-Options", "DENY",
            "Referrer-Policy", "no-referrer",
            "Cross-Origin-Resource-Policy", "same-origin",
            "Cross-Origin-Opener-Policy", "same-origin",
            "Permissions-Policy", "camera=(), geolocation=(), microphone=()");

    private static final Set<String> NAMES = lowerCaseNames();

    private EdgeHeaders() {}

    /** Their names in lower case: a service's own would only repeat or contradict them. */
    public static Set<String> names() {
        return NAMES;
    }

    private static Set<String> lowerCaseNames() {
        Set<String> names = new TreeSet<>(Set.of(RequestIdentity.HEADER.toLowerCase(Locale.ROOT), TraceContext.HEADER));
        SECURITY.keySet().forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
        return Set.copyOf(names);
    }
}
