package io.logicdistillation.inference.questions;

/** Why a valid request is not answered, where the APIs have words of their own for it. */
enum Refusal {
    UNKNOWN_MODEL(404),
    TOO_LONG(413);

    private final int status;

    Refusal(int status) {
        this.status = status;
    }

    int status() {
        return status;
    }
}
