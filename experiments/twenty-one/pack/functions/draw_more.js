// Draws a card.
function run(state, earlier) {
  return { action: 'hit' };
}
