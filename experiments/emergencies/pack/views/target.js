// Adds to the pursuit game's view what the events say that bear on which target to go for.
view = ((said) => (state, earlier) => {
  const event = state.event;
  if (!event || !['frozen', 'decoy'].includes(event.kind)) return said(state, earlier);
  const news = {
    frozen: ['My partner is frozen to the spot.', 'My partner was frozen and runs again.'],
    decoy: ['One of the targets is a decoy.', 'The decoy is gone, neither target is false.'],
  }[event.kind];
  return said(state, earlier) + ' ' + news[event.now ? 0 : 1];
})(view);
