package io.logicdistillation.inference.questions;

import java.util.Arrays;
import java.util.List;

/** A body that can not be answered as it is; says where and why, and leaves the wording of the answer to each API. */
final class InvalidBodyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Object> place;
    private final String type;

    /**
     * @param type for programs
     * @param place member names and indices from the body's root
     */
    InvalidBodyException(String type, String message, Object... place) {
        super(message);
        this.type = type;
        this.place = List.copyOf(Arrays.asList(place));
    }

    String type() {
        return type;
    }

    List<Object> place() {
        return place;
    }

    /** The same from a root further up. */
    InvalidBodyException below(Object... parents) {
        Object[] all = java.util.stream.Stream.concat(Arrays.stream(parents), place.stream())
                .toArray();
        return new InvalidBodyException(type, String.valueOf(getMessage()), all);
    }
}
