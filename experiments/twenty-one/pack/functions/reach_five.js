// Draws the fifth card.
function run(state, earlier) {
  return { action: state.me.cards.length === 4 ? 'hit' : 'stand' };
}
