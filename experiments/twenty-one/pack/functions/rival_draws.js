// A rival that still has to draw may end anywhere, so aim for a good hand. Elsewhere the aim is twelve, below which no card breaks a hand.
function run(state, earlier) {
  const dealer = points(state.dealer.card);
  const { kind, room } = earlier.count;
  const bust = room >= 10 ? 'none' : room >= 8 ? 'low' : room >= 6 ? 'even' : 'high';
  const sum = state.rival.cards.reduce((all, card) => all + points(card), 0);
  const soft = state.rival.cards.includes('A') && sum <= 11;
  let aim = 0;
  if (!state.rival.done) {
    if (kind === 'soft') aim = state.me.cards.length === 2 ? 19 : 20;
    else aim = !soft && sum >= 12 && sum <= 15 && dealer >= 2 && dealer <= 7 ? 17 : 18;
  }
  return aim === 0 ? { by: 'unclear', aim: 12, bust } : { by: 'draws', aim, bust };
}
