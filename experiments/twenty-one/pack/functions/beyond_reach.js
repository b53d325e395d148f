// At twenty-one there is no better total. Elsewhere the aim is twelve, below which no card breaks a hand.
function run(state, earlier) {
  const { total, room } = earlier.count;
  const bust = room >= 10 ? 'none' : room >= 8 ? 'low' : room >= 6 ? 'even' : 'high';
  const aim = total === 21 ? 21 : 0;
  return aim === 0 ? { by: 'unclear', aim: 12, bust } : { by: 'crown', aim, bust };
}
