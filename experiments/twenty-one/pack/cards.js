// What one card counts, an ace as one.
function points(card) {
  return card === 'A' ? 1 : 'JQK'.includes(card) ? 10 : Number(card);
}

// What hands are compared by: 0 is out, 22 five cards, 23 a natural, else the total.
function rank(cards) {
  const sum = cards.reduce((all, card) => all + points(card), 0);
  const total = cards.includes('A') && sum <= 11 ? sum + 10 : sum;
  if (total > 21) return 0;
  if (cards.length >= 5) return 22;
  return cards.length === 2 && total === 21 ? 23 : total;
}
