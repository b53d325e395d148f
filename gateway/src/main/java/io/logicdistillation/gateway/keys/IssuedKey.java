package io.logicdistillation.gateway.keys;

/**
 * A key as it is told once, to whoever had it made.
 *
 * @param secret the whole key; it is stored nowhere
 */
record IssuedKey(String secret, KeyView key) {
    @Override
    public String toString() {
        return "IssuedKey[" + key.prefix() + "…]";
    }
}
