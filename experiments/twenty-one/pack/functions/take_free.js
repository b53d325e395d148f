// Draws a card when none can break the hand.
function run(state, earlier) {
  return { action: earlier.risk.bust === 'none' ? 'hit' : 'stand' };
}
