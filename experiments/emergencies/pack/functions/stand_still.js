// Does not move.
function run(state, earlier) {
  return { move: 'stay' };
}
