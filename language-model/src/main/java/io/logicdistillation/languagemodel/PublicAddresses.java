package io.logicdistillation.languagemodel;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import okhttp3.Dns;

/**
 * Resolves names to public addresses alone, at every connection, so that a name that is pointed inwards later does not lead
 * there either. Addresses that are written out as numbers ask no resolver: {@link #check} is for them. Thread-safe.
 */
final class PublicAddresses implements Dns {
    @Override
    public List<InetAddress> lookup(String host) throws UnknownHostException {
        List<InetAddress> found = Dns.SYSTEM.lookup(host);
        for (InetAddress address : found) {
            if (!isPublic(address)) {
                throw new UnknownHostException(host + " lies in a network that is not public");
            }
        }
        return found;
    }

    /** @throws IllegalStateException if the URL is none for HTTP, or its host is an address that is not public */
    static void check(URI url, boolean allowPrivate, String property) {
        String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
        String host = url.getHost();
        if (!List.of("http", "https").contains(scheme) || host == null || url.getUserInfo() != null) {
            throw new IllegalStateException(property + ".url must be an http or https URL without a user");
        }
        boolean number = host.startsWith("[")
                || host.matches("[0-9a-fA-FxX.]*[0-9][0-9a-fA-FxX.]*") && !host.matches(".*[g-wyzG-WYZ].*");
        if (allowPrivate || !number) {
            return;
        }
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (!isPublic(address)) {
                    throw new IllegalStateException(property + ".url lies in a network that is not public; set "
                            + property + ".allow-private-addresses if that is meant");
                }
            }
        } catch (UnknownHostException none) {
            throw new IllegalStateException(property + ".url has a host that is no address", none);
        }
    }

    static boolean isPublic(InetAddress address) {
        if (address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()) {
            return false;
        }
        byte[] bytes = address.getAddress();
        if (address instanceof Inet6Address) {
            return isPublicSix(bytes);
        }
        int first = bytes[0] & 0xff;
        int second = bytes[1] & 0xff;
        boolean shared = first == 100 && second >= 64 && second < 128;
        boolean benchmarks = first == 198 && (second == 18 || second == 19);
        boolean assignments = first == 192 && second == 0 && bytes[2] == 0;
        return !(shared || benchmarks || assignments || first == 0 || first >= 240);
    }

    private static boolean isPublicSix(byte[] bytes) {
        boolean uniqueLocal = (bytes[0] & 0xfe) == 0xfc;
        boolean translated =
                bytes[0] == 0 && bytes[1] == 0x64 && (bytes[2] & 0xff) == 0xff && (bytes[3] & 0xff) == 0x9b;
        boolean sixToFour = bytes[0] == 0x20 && bytes[1] == 0x02;
        return !uniqueLocal && !translated && !sixToFour;
    }
}
