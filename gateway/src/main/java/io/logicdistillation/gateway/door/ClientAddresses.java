package io.logicdistillation.gateway.door;

import jakarta.servlet.http.HttpServletRequest;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.security.web.util.matcher.IpAddressMatcher;
import org.springframework.stereotype.Component;

/**
 * Where a request comes from: the connection's other end, unless that is a proxy whose word is trusted; then the last address
 * of {@code X-Forwarded-For} that is none. An IPv6 client is its /64, since it may choose the rest. Thread-safe.
 */
@Component
class ClientAddresses {
    private static final String FORWARDED_FOR = "X-Forwarded-For";
    private static final Pattern LITERAL = Pattern.compile("[0-9.]{7,15}|[0-9A-Fa-f:.]{2,45}");
    private static final int NETWORK_BYTES = 8;

    private final List<IpAddressMatcher> trusted;

    ClientAddresses(DoorProperties properties) {
        this.trusted =
                properties.trustedProxies().stream().map(IpAddressMatcher::new).toList();
    }

    String of(HttpServletRequest request) {
        String address = request.getRemoteAddr();
        if (isTrusted(address)) {
            List<String> path = Arrays.stream(String.join(",", headers(request)).split(","))
                    .map(String::strip)
                    .toList();
            for (String hop : path.reversed()) {
                // What is no address was written by someone else than a proxy of ours.
                if (!LITERAL.matcher(hop).matches()) {
                    break;
                }
                address = hop;
                if (!isTrusted(hop)) {
                    break;
                }
            }
        }
        return network(address);
    }

    private static List<String> headers(HttpServletRequest request) {
        return Collections.list(request.getHeaders(FORWARDED_FOR));
    }

    private boolean isTrusted(String address) {
        return trusted.stream().anyMatch(range -> range.matches(address));
    }

    private static String network(String address) {
        try {
            // A literal is parsed, never looked up.
            InetAddress parsed = InetAddress.ofLiteral(address);
            return parsed instanceof Inet6Address
                    ? HexFormat.of().formatHex(parsed.getAddress(), 0, NETWORK_BYTES)
                    : parsed.getHostAddress();
        } catch (IllegalArgumentException notLiteral) {
            return address;
        }
    }
}
