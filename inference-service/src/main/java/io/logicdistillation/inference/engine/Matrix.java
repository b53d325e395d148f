package io.logicdistillation.inference.engine;

/** A dense matrix, {@code rows} outputs by {@code columns} inputs, changed in place while a student is converted. */
record Matrix(int rows, int columns, float[] values) {
    static Matrix of(Gguf.Tensor tensor) {
        return new Matrix((int) tensor.rows(), (int) tensor.columns(), tensor.read());
    }

    /** The matrices one below the other. */
    static Matrix stack(Matrix... parts) {
        int rows = 0;
        for (Matrix part : parts) {
            rows += part.rows;
        }
        float[] all = new float[rows * parts[0].columns];
        int at = 0;
        for (Matrix part : parts) {
            System.arraycopy(part.values, 0, all, at, part.values.length);
            at += part.values.length;
        }
        return new Matrix(rows, parts[0].columns, all);
    }

    /**
     * Back from the order in which GGUF files keep the rows of query and key projections (the two halves of a head
     * interleaved, for interleaved rotary embedding) to the order of the original checkpoint, which adapters use.
     */
    Matrix withHalvesApart(int heads) {
        float[] apart = new float[values.length];
        int half = rows / heads / 2;
        for (int head = 0; head < heads; head++) {
            for (int side = 0; side < 2; side++) {
                for (int i = 0; i < half; i++) {
                    int from = head * 2 * half + 2 * i + side;
                    int to = head * 2 * half + side * half + i;
                    System.arraycopy(values, from * columns, apart, to * columns, columns);
                }
            }
        }
        return new Matrix(rows, columns, apart);
    }

    /** Adds {@code scale * b * a}, with a of [rank, columns] and b of [rows, rank]. */
    void addProduct(float[] b, float[] a, int rank, float scale) {
        for (int row = 0; row < rows; row++) {
            int at = row * columns;
            for (int r = 0; r < rank; r++) {
                float factor = scale * b[row * rank + r];
                int from = r * columns;
                for (int column = 0; column < columns; column++) {
                    values[at + column] += factor * a[from + column];
                }
            }
        }
    }

    void multiplyColumns(float[] factors) {
        for (int row = 0, i = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++, i++) {
                values[i] *= factors[column];
            }
        }
    }

    void divideRows(float[] divisors) {
        for (int row = 0, i = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++, i++) {
                values[i] /= divisors[row];
            }
        }
    }

    /** Raises {@code maxima} to the largest magnitude of every column. */
    void raiseToColumnMaxima(float[] maxima) {
        for (int row = 0, i = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++, i++) {
                maxima[column] = Math.max(maxima[column], Math.abs(values[i]));
            }
        }
    }
}
