// The dealer stands on seventeen, so less than that is seldom enough. Elsewhere the aim is twelve, below which no card breaks a hand.
function run(state, earlier) {
  const points = (card) => card === 'A' ? 1 : 'JQK'.includes(card) ? 10 : Number(card);
  const rank = (cards) => {
    const sum = cards.reduce((all, card) => all + points(card), 0);
    const total = cards.includes('A') && sum <= 11 ? sum + 10 : sum;
    if (total > 21) return 0;
    if (cards.length >= 5) return 22;
    return cards.length === 2 && total === 21 ? 23 : total;
  };
  const rival = rank(state.rival.cards);
  const { room } = earlier.count;
  const bust = room >= 10 ? 'none' : room >= 8 ? 'low' : room >= 6 ? 'even' : 'high';
  const aim = state.rival.done && rival < 17 ? 17 : 0;
  return aim === 0 ? { by: 'unclear', aim: 12, bust } : { by: 'lasts', aim, bust };
}
