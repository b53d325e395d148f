package io.logicdistillation.functionbase.search;

import io.logicdistillation.contracts.SearchRequest;
import io.logicdistillation.contracts.SearchResult;
import io.logicdistillation.kit.Caller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/v1/tasks/{task}/searches")
class SearchEndpoints {
    private final Retrieval retrieval;

    SearchEndpoints(Retrieval retrieval) {
        this.retrieval = retrieval;
    }

    @PostMapping
    SearchResult search(@PathVariable String task, @RequestBody SearchRequest request) {
        return retrieval.search(Caller.current().tenant(), task, request);
    }
}
