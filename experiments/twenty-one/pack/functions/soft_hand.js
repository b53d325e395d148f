// A hand of two or three cards in which an ace counts eleven, short of a natural. Elsewhere the kind is unclear and every ace one.
function run(state, earlier) {
  const low = state.me.cards.reduce((sum, card) => sum + points(card), 0);
  const fits = state.me.cards.includes('A') && low <= 11;
  const sure = fits && state.me.cards.length < 4 && !(state.me.cards.length === 2 && low === 11);
  return { kind: sure ? 'soft' : 'unclear', total: sure ? low + 10 : low, room: 21 - low };
}
