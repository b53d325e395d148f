// A start is worth higher stakes when the rival is out or weak. Elsewhere the aim is twelve, below which no card breaks a hand.
function run(state, earlier) {
  const rival = rank(state.rival.cards);
  const dealer = points(state.dealer.card);
  const { kind, total, room } = earlier.count;
  const bust = room >= 10 ? 'none' : room >= 8 ? 'low' : room >= 6 ? 'even' : 'high';
  const sum = state.rival.cards.reduce((all, card) => all + points(card), 0);
  const soft = state.rival.cards.includes('A') && sum <= 11;
  const stiff = !state.rival.done && !soft && sum >= 12 && sum <= 15;
  let aim = 0;
  if (kind === 'start') {
    if (state.rival.done && rival === 0) aim = dealer !== 1 && (total >= 10 || dealer < 10) ? 21 : 0;
    else if (stiff || (state.rival.done && rival === 16)) aim = total >= 10 && dealer >= 2 && dealer <= 9 ? 21 : 0;
  }
  return aim === 0 ? { by: 'unclear', aim: 12, bust } : { by: 'raise', aim, bust };
}
