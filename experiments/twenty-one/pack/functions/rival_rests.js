// A rival that has finished on seventeen or better sets the bar. Elsewhere the aim is twelve, below which no card breaks a hand.
function run(state, earlier) {
  const rival = rank(state.rival.cards);
  const dealer = points(state.dealer.card);
  const { kind, room } = earlier.count;
  const bust = room >= 10 ? 'none' : room >= 8 ? 'low' : room >= 6 ? 'even' : 'high';
  let aim = 0;
  if (state.rival.done && rival >= 17) {
    if (kind === 'soft') aim = Math.max(19, state.me.cards.length === 2 ? rival : rival + 1);
    else aim = rival === 17 && (dealer < 3 || dealer > 6) ? 18 : rival;
  }
  return aim === 0 ? { by: 'unclear', aim: 12, bust } : { by: 'rival', aim, bust };
}
