// With four cards in hand the fifth is worth some risk. Elsewhere the aim is twelve, below which no card breaks a hand.
function run(state, earlier) {
  const rival = rank(state.rival.cards);
  const dealer = points(state.dealer.card);
  const { kind, room } = earlier.count;
  const bust = room >= 10 ? 'none' : room >= 8 ? 'low' : room >= 6 ? 'even' : 'high';
  let aim = 0;
  if (kind === 'long') {
    if (room >= 10) aim = 22;
    else if (!state.rival.done) aim = 18;
    else aim = Math.max(dealer >= 2 && dealer <= 7 ? 17 : 18, rival);
  }
  return aim === 0 ? { by: 'unclear', aim: 12, bust } : { by: 'five', aim, bust };
}
