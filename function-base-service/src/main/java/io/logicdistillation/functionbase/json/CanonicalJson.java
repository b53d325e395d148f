package io.logicdistillation.functionbase.json;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Sha256;
import io.logicdistillation.kit.WireJson;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Iterator;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.StringNode;

/**
 * One text per JSON value: keys sorted, no whitespace, numbers by value (1.0 and 1e0 are 1), so that equal values have equal
 * texts and equal hashes wherever they have been stored in between.
 */
public final class CanonicalJson {
    private static final JsonMapper JSON = WireJson.lenient();

    private CanonicalJson() {}

    /**
     * @param value a wire record or any value made of maps, lists, texts, numbers and booleans
     * @throws PlatformException {@link ProblemType#INVALID_REQUEST} for what JSON or Postgres can not hold
     */
    public static String of(Object value) {
        StringBuilder text = new StringBuilder();
        write(JSON.valueToTree(value), text);
        return text.toString();
    }

    /** {@code sha256:} of the canonical text in UTF-8. */
    public static String hash(Object value) {
        Digest digest = new Digest();
        digest.add(of(value));
        return digest.hash();
    }

    /** The hash of a canonical text that is made piece by piece. For one thread. */
    public static final class Digest {
        private final MessageDigest sha256 = Sha256.digest();

        public void add(String piece) {
            sha256.update(piece.getBytes(StandardCharsets.UTF_8));
        }

        /** {@code sha256:} of all pieces together; to be asked once. */
        public String hash() {
            return "sha256:" + Sha256.hex(sha256.digest());
        }
    }

    private static void write(JsonNode node, StringBuilder text) {
        switch (node.getNodeType()) {
            case OBJECT -> {
                text.append('{');
                String separator = "";
                for (String key : new TreeSet<>(node.propertyNames())) {
                    text.append(separator).append(quoted(key)).append(':');
                    write(node.get(key), text);
                    separator = ",";
                }
                text.append('}');
            }
            case ARRAY -> {
                text.append('[');
                for (Iterator<JsonNode> elements = node.iterator(); elements.hasNext(); ) {
                    write(elements.next(), text);
                    text.append(elements.hasNext() ? "," : "");
                }
                text.append(']');
            }
            case NUMBER -> text.append(number(node));
            case STRING -> text.append(quoted(node.asString()));
            case BOOLEAN, NULL -> text.append(node);
            case BINARY, MISSING, POJO -> throw new IllegalArgumentException("Not JSON: " + node.getNodeType());
        }
    }

    private static String number(JsonNode node) {
        if (node.isIntegralNumber()) {
            return node.bigIntegerValue().toString();
        }
        if (!node.isBigDecimal() && !Double.isFinite(node.doubleValue())) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "A number is too large");
        }
        BigDecimal value = node.decimalValue().stripTrailingZeros();
        return value.scale() <= 0 ? value.toBigIntegerExact().toString() : value.toString();
    }

    private static String quoted(String text) {
        for (int index = 0; index < text.length(); index++) {
            char unit = text.charAt(index);
            boolean pair = Character.isHighSurrogate(unit)
                    && index + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(index + 1));
            if (unit == 0 || (Character.isSurrogate(unit) && !pair)) {
                throw new PlatformException(
                        ProblemType.INVALID_REQUEST, "A text holds U+0000 or half of a surrogate pair");
            }
            index += pair ? 1 : 0;
        }
        return StringNode.valueOf(text).toString();
    }
}
