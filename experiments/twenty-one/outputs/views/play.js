// Says in words all that the game's views say before a function has run, for a model that has to name the action itself.
function view(state, earlier) {
  const words = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve',
    'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen', 'twenty', 'twenty-one'];
  const court = { A: 'ace', J: 'jack', Q: 'queen', K: 'king' };
  const low = state.me.cards.reduce((sum, card) => sum + points(card), 0);
  const soft = state.me.cards.includes('A') && low <= 11;
  const dealer = points(state.dealer.card);
  const shows = dealer === 1 ? 'an ace' : dealer === 10 ? 'a ten' : words[dealer];
  const rival = rank(state.rival.cards);
  const theirs = state.rival.cards.reduce((sum, card) => sum + points(card), 0);
  const drawing = state.rival.cards.includes('A') && theirs <= 11 ? 'soft ' + words[theirs + 10] : words[theirs];
  const rests = rival === 23 ? 'a natural' : rival === 22 ? 'five cards' : words[rival];
  const count = words[state.me.cards.length];
  return count[0].toUpperCase() + count.slice(1) + ' cards, ' + state.me.cards.map((card) => court[card] || words[points(card)]).join(' ')
    + ': ' + (soft ? 'soft ' + words[low + 10] : 'hard ' + words[low]) + '. Dealer ' + shows + '. Rival '
    + (!state.rival.done ? 'still draws, ' + drawing : rival === 0 ? 'is out' : 'rests on ' + rests) + '.';
}
