// Takes no card.
function run(state, earlier) {
  return { action: 'stand' };
}
