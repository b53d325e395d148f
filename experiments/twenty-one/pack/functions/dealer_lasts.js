// The dealer stands on seventeen, so less than that is seldom enough. Elsewhere the aim is twelve, below which no card breaks a hand.
function run(state, earlier) {
  const rival = rank(state.rival.cards);
  const { room } = earlier.count;
  const bust = room >= 10 ? 'none' : room >= 8 ? 'low' : room >= 6 ? 'even' : 'high';
  const aim = state.rival.done && rival < 17 ? 17 : 0;
  return aim === 0 ? { by: 'unclear', aim: 12, bust } : { by: 'lasts', aim, bust };
}
