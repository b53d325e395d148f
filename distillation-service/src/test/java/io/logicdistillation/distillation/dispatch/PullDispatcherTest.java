package io.logicdistillation.distillation.dispatch;

import java.util.Set;

class PullDispatcherTest extends DispatcherContract {
    @Override
    protected Dispatcher start(int most) {
        return new PullDispatcher();
    }

    @Override
    protected Dispatcher startAstray() {
        return new PullDispatcher();
    }

    @Override
    protected Set<Run.Id> workers() {
        return Set.of();
    }

    @Override
    protected boolean starts() {
        return false;
    }
}
