// Doubles the stakes where the rules allow it and draws otherwise.
function run(state, earlier) {
  const low = state.me.cards.reduce((sum, card) => sum + points(card), 0);
  const start = state.me.cards.length === 2 && !state.me.cards.includes('A') && low >= 9 && low <= 11;
  return { action: start ? 'double' : 'hit' };
}
