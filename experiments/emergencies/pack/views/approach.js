// Adds to the pursuit game's view what the events say that bear on how to move.
view = ((said) => (state, earlier) => {
  const event = state.event;
  if (!event || !['corridor', 'whistle', 'gate'].includes(event.kind)) return said(state, earlier);

  function news() {
    if (event.kind === 'whistle') {
      return event.now ? 'The referee has whistled, all movement is punished.' : 'The whistle is over, movement is free.';
    }
    if (event.kind === 'gate') {
      return event.now ? 'A gate stands open and the targets run to it.' : 'The gate is shut again.';
    }
    if (!event.now) return 'The closed corridor is open again.';
    const prey = state.targets.find((t) => t.id === earlier.target.target);
    const steps = (closed) => walking(state, closed).walk(state.me)(prey.x, prey.y);
    const longer = steps(event.cells) > steps([]);
    return longer ? 'A corridor on my route was closed.' : 'A corridor was closed, but not on my route.';
  }

  return said(state, earlier) + ' ' + news();
})(view);
