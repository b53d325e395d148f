// Takes no card once a rival that has played is beaten.
function run(state, earlier) {
  const rival = rank(state.rival.cards);
  return { action: state.rival.done && earlier.count.total > rival ? 'stand' : 'hit' };
}
