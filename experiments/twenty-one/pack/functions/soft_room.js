// An ace that counts eleven leaves room for any card. Elsewhere the aim is twelve, below which no card breaks a hand.
function run(state, earlier) {
  const dealer = points(state.dealer.card);
  const { kind, room } = earlier.count;
  const bust = room >= 10 ? 'none' : room >= 8 ? 'low' : room >= 6 ? 'even' : 'high';
  const aim = kind !== 'soft' ? 0 : state.me.cards.length === 2 && dealer >= 2 && dealer <= 8 ? 18 : 19;
  return aim === 0 ? { by: 'unclear', aim: 12, bust } : { by: 'soft', aim, bust };
}
