package io.logicdistillation.languagemodel;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.Response;
import okhttp3.ResponseBody;

/** Reads an answer up to a limit, so that a hostile or broken server can not fill the memory. Thread-safe. */
final class AnswerLimit implements Interceptor {
    private final long longest;

    /** @param longest in bytes */
    AnswerLimit(long longest) {
        this.longest = longest;
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        Response response = chain.proceed(chain.request());
        ResponseBody body = response.body();
        if (body == null) {
            return response;
        }
        try (body) {
            if (body.source().request(longest + 1)) {
                throw new IOException("The answer is longer than " + longest + " bytes");
            }
            return response.newBuilder()
                    .body(ResponseBody.create(body.source().readByteArray(), body.contentType()))
                    .build();
        }
    }
}
