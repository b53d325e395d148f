package io.logicdistillation.inference.remote;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.extension.ResponseDefinitionTransformerV2;
import com.github.tomakehurst.wiremock.http.ResponseDefinition;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import java.util.List;
import java.util.function.UnaryOperator;

/** A server over HTTP whose answers are computed from what it is asked. */
public final class PlayedServer implements AutoCloseable {
    private static final String PLAYED = "played";

    private final WireMockServer server;
    private volatile UnaryOperator<String> answer = request -> "{}";

    public PlayedServer() {
        server = new WireMockServer(wireMockConfig()
                .dynamicPort()
                .bindAddress("127.0.0.1")
                .containerThreads(64)
                .extensions(new ResponseDefinitionTransformerV2() {
                    @Override
                    public ResponseDefinition transform(ServeEvent event) {
                        return ResponseDefinitionBuilder.like(event.getResponseDefinition())
                                .withBody(answer.apply(event.getRequest().getBodyAsString()))
                                .build();
                    }

                    @Override
                    public boolean applyGlobally() {
                        return false;
                    }

                    @Override
                    public String getName() {
                        return PLAYED;
                    }
                }));
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:" + server.port() + "/v1";
    }

    /** A whole answer to every request. */
    public void answers(UnaryOperator<String> toBody) {
        server.resetAll();
        answer = toBody;
        server.stubFor(any(anyUrl()).willReturn(computed()));
    }

    static ResponseDefinitionBuilder computed() {
        return aResponse().withHeader("Content-Type", "application/json").withTransformers(PLAYED);
    }

    /** The same to every request. */
    public void says(ResponseDefinitionBuilder response) {
        server.resetAll();
        server.stubFor(any(anyUrl()).willReturn(response));
    }

    /** This to the first request, the computed answer to all others. */
    void saysFirst(ResponseDefinitionBuilder response) {
        server.resetAll();
        server.stubFor(any(anyUrl())
                .inScenario("one failure")
                .whenScenarioStateIs(Scenario.STARTED)
                .willReturn(response)
                .willSetStateTo("well again"));
        server.stubFor(any(anyUrl())
                .inScenario("one failure")
                .whenScenarioStateIs("well again")
                .willReturn(computed()));
    }

    /** The newest first. */
    public List<LoggedRequest> requests() {
        return server.getAllServeEvents().stream().map(ServeEvent::getRequest).toList();
    }

    @Override
    public void close() {
        server.stop();
    }
}
