package io.logicdistillation.gateway.edge;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The headers that every answer has from the gateway itself. */
public final class EdgeHeaders {
    private static final String POLICY_NAME = "Content-Security-Policy";

    private static final Map<String, String> ALWAYS = Map.of(
            "X-Content-Type-Options", "nosniff",
            "X-Frame-Options", "DENY",
            "Referrer-Policy", "no-referrer",
            "Cross-Origin-Resource-Policy", "same-origin",
            "Cross-Origin-Opener-Policy", "same-origin",
            "Permissions-Policy", "camera=(), geolocation=(), microphone=()");

    private static final Set<String> NAMES = lowerCaseNames();

    private EdgeHeaders() {}

    /**
     * The security headers. Everything comes from this origin, styles and scripts from files: an injected tag can do nothing.
     *
     * @param issuer origin where the console may ask for tokens; empty for none
     */
    static Map<String, String> security(String issuer) {
        String policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"
                + (issuer.isEmpty() ? "" : ' ' + issuer)
                + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        Map<String, String> headers = new TreeMap<>(ALWAYS);
        headers.put(POLICY_NAME, policy);
        return Map.copyOf(headers);
    }

    /** Their names in lower case: a service's own would only repeat or contradict them. */
    public static Set<String> names() {
        return NAMES;
    }

    private static Set<String> lowerCaseNames() {
        Set<String> names = new TreeSet<>(Set.of(RequestIdentity.HEADER.toLowerCase(Locale.ROOT), TraceContext.HEADER));
        names.add(POLICY_NAME.toLowerCase(Locale.ROOT));
        ALWAYS.keySet().forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
        return Set.copyOf(names);
    }
}
