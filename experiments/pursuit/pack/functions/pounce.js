// Steps onto a target beside me; stays where it is otherwise.
function run(state, earlier) {
  const prey = state.targets.find((t) => t.id === earlier.target.target);
  const steps = [['north', 0, -1], ['east', 1, 0], ['south', 0, 1], ['west', -1, 0]];
  for (const [name, dx, dy] of steps) {
    if (state.me.x + dx === prey.x && state.me.y + dy === prey.y) return { move: name };
  }
  return { move: 'stay' };
}
