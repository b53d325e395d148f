package io.logicdistillation.gateway.keys;

import io.logicdistillation.kit.Sha256;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A key's secret: {@code ld_}, eight characters to know it by, {@code _}, and 32 random bytes.
 *
 * @param prefix all before the last {@code _}; not secret
 */
record Secret(String prefix, String whole) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private static final int PREFIX_LETTERS = 8;
    private static final int SECRET_BYTES = 32;
    private static final int PREFIX_LENGTH = ApiKeys.PREFIX.length() + PREFIX_LETTERS;
    private static final Pattern FORM = Pattern.compile("ld_[A-Za-z2-9]{8}_[A-Za-z0-9_-]{43}");

    static Secret random() {
        StringBuilder prefix = new StringBuilder(ApiKeys.PREFIX);
        RANDOM.ints(PREFIX_LETTERS, 0, LETTERS.length()).forEach(index -> prefix.append(LETTERS.charAt(index)));
        byte[] bytes = new byte[SECRET_BYTES];
        RANDOM.nextBytes(bytes);
        String rest = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        return new Secret(prefix.toString(), prefix + "_" + rest);
    }

    /** The prefix of what a client sent; null if it has not the form of a key that was made here. */
    static @Nullable String prefixOf(String presented) {
        return FORM.matcher(presented).matches() ? presented.substring(0, PREFIX_LENGTH) : null;
    }

    byte[] sha256() {
        return Sha256.bytes(whole);
    }

    @Override
    public String toString() {
        return "Secret[" + prefix + "…]";
    }
}
