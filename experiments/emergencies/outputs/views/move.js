// Adds to the view what happened, in the words of the game's own views.
view = ((said) => (state, earlier) => {
  const event = state.event;
  if (!event) return said(state, earlier);
  const news = {
    frozen: ['My partner is frozen to the spot.', 'My partner was frozen and runs again.'],
    decoy: ['One of the targets is a decoy.', 'The decoy is gone, neither target is false.'],
    corridor: ['A corridor was closed.', 'The closed corridor is open again.'],
    whistle: ['The referee has whistled, all movement is punished.', 'The whistle is over, movement is free.'],
    gate: ['A gate stands open and the targets run to it.', 'The gate is shut again.'],
  }[event.kind];
  return said(state, earlier) + ' ' + news[event.now ? 0 : 1];
})(view);
