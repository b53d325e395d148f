// Says in words how far the aim is, who sets it, and what a card could do. Every phrase has its place.
function view(state, earlier) {
  const words = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve',
    'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen', 'twenty', 'twenty-one'];
  const rival = rank(state.rival.cards);
  const rests = rival === 23 ? 'a natural' : rival === 22 ? 'five cards' : words[rival];
  const { total } = earlier.count;
  const { by, aim, bust } = earlier.risk;
  const setter = { crown: 'the top', rival: 'the resting rival', draws: 'a rival who draws', breaks: 'a dealer who often breaks',
    lasts: 'a dealer who lasts', soft: 'the soft ace', five: 'the fifth card', raise: 'higher stakes', unclear: 'nothing clear' };
  const danger = { none: 'no card breaks me', low: 'few cards break me', even: 'half the cards break me', high: 'most cards break me' };
  const gap = total >= aim ? 'aim reached' : words[aim - total] + ' short of the aim';
  const lead = rival > total ? 'ahead of me' : rival === total ? 'level with me' : 'behind me';
  return 'My ' + words[total] + ' is ' + (total < 17 ? 'below seventeen' : 'seventeen at least') + ', ' + gap + ', set by ' + setter[by] + '; '
    + danger[bust] + '; ' + (!state.rival.done ? 'rival not finished' : rival === 0 ? 'rival out' : 'resting rival ' + lead) + '.';
}
