package io.logicdistillation.inference.engine;

import io.logicdistillation.kit.Sha256;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What all students of one base model share: its file, its tokenizer, and its embedding, which is read straight from
 * the mapped file a row per token, so that it takes no memory of its own.
 */
final class BaseModel implements AutoCloseable {
    private final String sha256;
    private final Gguf file;
    private final ModelShape shape;
    private final StudentTokenizer tokenizer;
    private final Gguf.Tensor embedding;

    private BaseModel(String sha256, Gguf file) {
        this.sha256 = sha256;
        this.file = file;
        this.shape = ModelShape.of(file);
        this.tokenizer = StudentTokenizer.of(file);
        this.embedding = file.tensor("token_embd.weight");
    }

    /** @throws EngineException of kind BASE_MODEL unless the file has exactly this SHA-256 */
    static BaseModel open(Path path, String expectedSha256) {
        if (!Files.isReadable(path)) {
            throw new EngineException(
                    EngineException.Kind.BASE_MODEL, "the base model's file %s cannot be read".formatted(path));
        }
        String actual;
        try {
            actual = Sha256.of(path);
        } catch (IOException e) {
            throw new EngineException(EngineException.Kind.BASE_MODEL, "cannot read " + path, e);
        }
        if (!actual.equals(expectedSha256)) {
            throw new EngineException(
                    EngineException.Kind.BASE_MODEL,
                    "%s is damaged or another model: its SHA-256 is %s, the student needs %s"
                            .formatted(path, actual, expectedSha256));
        }
        Gguf file = Gguf.open(path);
        try {
            return new BaseModel(actual, file);
        } catch (EngineException e) {
            file.close();
            throw e;
        }
    }

    String sha256() {
        return sha256;
    }

    ModelShape shape() {
        return shape;
    }

    StudentTokenizer tokenizer() {
        return tokenizer;
    }

    Gguf file() {
        return file;
    }

    /** Writes the embeddings of the tokens, one after the other. */
    void embed(int[] tokens, FloatBuffer target) {
        float[] row = new float[shape.hidden()];
        for (int token : tokens) {
            embedding.read(token, row, 0);
            target.put(row);
        }
    }

    /** The rows of the language-model head (tied to the embedding) that score these tokens, as columns. */
    void headColumns(int[] tokens, FloatBuffer target) {
        float[] row = new float[shape.hidden()];
        for (int column = 0; column < tokens.length; column++) {
            embedding.read(tokens[column], row, 0);
            for (int i = 0; i < row.length; i++) {
                target.put(i * tokens.length + column, row[i]);
            }
        }
    }

    @Override
    public void close() {
        tokenizer.close();
        file.close();
    }
}
