// Takes no card while the dealer is weak.
function run(state, earlier) {
  return { action: '23456'.includes(state.dealer.card) ? 'stand' : 'hit' };
}
