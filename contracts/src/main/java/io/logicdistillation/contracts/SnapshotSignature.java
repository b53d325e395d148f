package io.logicdistillation.contracts;

/**
 * Who vouches for a snapshot. Signed is the text {@code logic-distillation-snapshot:} followed by the snapshot's hash, and the hash
 * stands for the whole content.
 *
 * @param algorithm {@code Ed25519}
 * @param key {@code sha256:} of the public key's encoding (X.509)
 * @param value base64
 */
public record SnapshotSignature(String algorithm, String key, String value) {}
