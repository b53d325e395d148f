// Says in words which cards I hold and what could be made of an ace. Every phrase has its place.
function view(state, earlier) {
  const words = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve',
    'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen', 'twenty', 'twenty-one'];
  const low = state.me.cards.reduce((sum, card) => sum + points(card), 0);
  const fits = state.me.cards.includes('A') && low <= 11;
  const court = { A: 'ace', J: 'jack', Q: 'queen', K: 'king' };
  const ace = !state.me.cards.includes('A') ? 'no ace' : fits ? 'the ace fits as eleven' : 'the ace only fits as one';
  const ten = state.me.cards.some((card) => points(card) === 10) ? 'a ten-point card' : 'no ten-point card';
  const band = low <= 8 ? 'at most eight' : low <= 11 ? 'nine to eleven' : low <= 16 ? 'twelve to sixteen' : 'over sixteen';
  const count = words[state.me.cards.length];
  return count[0].toUpperCase() + count.slice(1) + ' cards, ' + state.me.cards.map((card) => court[card] || words[points(card)]).join(' ')
    + ': ' + ace + ', ' + ten + ', ' + band + ' points with aces as one.';
}
