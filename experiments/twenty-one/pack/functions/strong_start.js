// Two cards of nine, ten or eleven points without an ace. Elsewhere the kind is unclear and every ace one.
function run(state, earlier) {
  const low = state.me.cards.reduce((sum, card) => sum + points(card), 0);
  const sure = state.me.cards.length === 2 && !state.me.cards.includes('A') && low >= 9 && low <= 11;
  return { kind: sure ? 'start' : 'unclear', total: low, room: 21 - low };
}
