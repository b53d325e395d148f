package io.logicdistillation.inference.engine;

import io.logicdistillation.inference.EngineContract;

class InProcessEngineTest extends EngineContract {
    @Override
    protected StudentEngine engine() {
        return EngineFixture.int8();
    }

    @Override
    protected String name() {
        return "in-process";
    }
}
