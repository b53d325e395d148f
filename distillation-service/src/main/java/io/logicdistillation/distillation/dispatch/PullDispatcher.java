package io.logicdistillation.distillation.dispatch;

/** Standing workers come and ask by themselves. */
final class PullDispatcher implements Dispatcher {
    @Override
    public void dispatch(RunBook runs) {}
}
