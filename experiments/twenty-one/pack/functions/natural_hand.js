// An ace and a ten-point card dealt together. Elsewhere the kind is unclear and every ace one.
function run(state, earlier) {
  const low = state.me.cards.reduce((sum, card) => sum + points(card), 0);
  const sure = state.me.cards.length === 2 && state.me.cards.includes('A') && low === 11;
  return { kind: sure ? 'natural' : 'unclear', total: sure ? 21 : low, room: 21 - low };
}
