// Takes no card once a rival that has played is beaten.
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
  return { action: state.rival.done && earlier.count.total > rival ? 'stand' : 'hit' };
}
