package io.logicdistillation.gateway.keys;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.gateway.routes.UpstreamProperties;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Scope;
import io.logicdistillation.kit.ServiceCalls;
import io.logicdistillation.kit.tenantdata.TenantData;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/** All who keep data of tenants, in the order in which they forget: the inference service follows the others. Thread-safe. */
@Component
@WithDatabase
class TenantKeepers {
    /** Services stop by themselves before that, and are asked again. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final String DATA = "/v1/tenant-data";

    private final List<TenantKeeper> all;

    TenantKeepers(KeyDatabase database, ServiceCalls calls, UpstreamProperties upstreams) {
        this.all = List.of(
                new Own(database.tenantData()),
                new Service("function-base-service", upstreams.functionBase(), calls),
                new Service("distillation-service", upstreams.distillation(), calls),
                new Service("inference-service", upstreams.inference(), calls));
    }

    List<TenantKeeper> all() {
        return all;
    }

    private record Own(TenantData data) implements TenantKeeper {
        @Override
        public String name() {
            return "gateway";
        }

        @Override
        public TenantData.Counts count(String tenant) {
            return data.count(tenant);
        }

        @Override
        public TenantData.Erased erase(String tenant) {
            return data.erase(tenant);
        }
    }

    private record Service(String name, URI address, ServiceCalls calls) implements TenantKeeper {
        @Override
        public TenantData.Counts count(String tenant) {
            TenantData.Counts counts =
                    asked(() -> client(tenant).get().uri(DATA).retrieve().body(TenantData.Counts.class));
            required(counts.rows());
            return counts;
        }

        @Override
        public TenantData.Erased erase(String tenant) {
            TenantData.Erased erased =
                    asked(() -> client(tenant).delete().uri(DATA).retrieve().body(TenantData.Erased.class));
            required(erased.deleted());
            return erased;
        }

        private <T> T asked(Supplier<@Nullable T> question) {
            try {
                return required(question.get());
            } catch (RestClientException failure) {
                throw new PlatformException(ProblemType.UNAVAILABLE, "The " + name + " does not answer", failure);
            }
        }

        private RestClient client(String tenant) {
            return calls.as(address, new Caller(tenant, "gateway", Set.of(Scope.ADMIN)), PATIENCE);
        }

        private <T> T required(@Nullable T answer) {
            if (answer == null) {
                throw new PlatformException(ProblemType.UNAVAILABLE, "The " + name + " answered with nothing");
            }
            return answer;
        }
    }
}
