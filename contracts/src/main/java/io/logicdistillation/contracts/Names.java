package io.logicdistillation.contracts;

import java.util.regex.Pattern;

/** The shapes of names and hashes on the wire; every violation is an {@link ProblemType#INVALID_REQUEST}. */
public final class Names {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,63}");
    private static final Pattern HASH = Pattern.compile("sha256:[0-9a-f]{64}");

    private Names() {}

    /** Lower-case letters, digits, {@code _} and {@code -}; starts with a letter; at most 64 characters. */
    public static String requireName(String what, String name) {
        if (name == null || !NAME.matcher(name).matches()) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST,
                    what + " must be 1 to 64 lower-case letters, digits, '_' or '-', starting with a letter");
        }
        return name;
    }

    /** Whether the text is a content address, {@code sha256:} and 64 hexadecimal digits. */
    public static boolean isHash(String text) {
        return HASH.matcher(text).matches();
    }

    static String requireText(String what, String text, int longest) {
        if (text == null || text.isBlank()) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, what + " is missing or blank");
        }
        if (text.length() > longest) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST, what + " is longer than " + longest + " characters");
        }
        return text;
    }

    static <T> T require(String what, T value) {
        if (value == null) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, what + " is missing");
        }
        return value;
    }
}
