// A hand in which no ace counts eleven, of two or three cards and no start. Elsewhere the kind is unclear and every ace one.
function run(state, earlier) {
  const low = state.me.cards.reduce((sum, card) => sum + points(card), 0);
  const fits = state.me.cards.includes('A') && low <= 11;
  const sure = !fits && state.me.cards.length < 4 && !(state.me.cards.length === 2 && low >= 9 && low <= 11);
  return { kind: sure ? 'hard' : 'unclear', total: low, room: 21 - low };
}
