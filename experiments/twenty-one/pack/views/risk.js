// Says in words what I hold, what the dealer shows and where the rival stands. Every phrase has its place.
function view(state, earlier) {
  const words = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve',
    'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen', 'twenty', 'twenty-one'];
  const rival = rank(state.rival.cards);
  const rests = rival === 23 ? 'a natural' : rival === 22 ? 'five cards' : words[rival];
  const { kind, total } = earlier.count;
  const mine = { hard: 'Plain hand', soft: 'Soft hand', natural: 'Natural', start: 'Two-card start', long: 'Four-card hand', unclear: 'Unclear hand' };
  const dealer = points(state.dealer.card);
  const shows = dealer === 1 ? 'an ace' : dealer === 10 ? 'a ten' : (dealer <= 6 ? 'weak, ' : 'fair, ') + words[dealer];
  const sum = state.rival.cards.reduce((all, card) => all + points(card), 0);
  const soft = state.rival.cards.includes('A') && sum <= 11;
  const drawing = soft ? 'soft ' + words[sum + 10] : (sum >= 12 ? 'stiff ' : 'low ') + words[sum];
  const lead = rival > total ? 'ahead of me' : rival === total ? 'level with me' : 'behind me';
  return mine[kind] + ' of ' + words[total] + '. Dealer ' + shows + '. Rival '
    + (!state.rival.done ? 'still draws, ' + drawing : rival === 0 ? 'is out' : 'rests on ' + rests + ', ' + lead) + '.';
}
