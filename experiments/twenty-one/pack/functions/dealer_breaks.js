// Against a weak dealer alone a low total is enough. Elsewhere the aim is twelve, below which no card breaks a hand.
function run(state, earlier) {
  const rival = rank(state.rival.cards);
  const dealer = points(state.dealer.card);
  const { room } = earlier.count;
  const bust = room >= 10 ? 'none' : room >= 8 ? 'low' : room >= 6 ? 'even' : 'high';
  const aim = state.rival.done && rival === 0 && dealer >= 2 && dealer <= 6 ? 13 : 0;
  return aim === 0 ? { by: 'unclear', aim: 12, bust } : { by: 'breaks', aim, bust };
}
