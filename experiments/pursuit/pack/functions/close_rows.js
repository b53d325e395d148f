// One step to the north or south, towards the row of the target.
function run(state, earlier) {
  const prey = state.targets.find((t) => t.id === earlier.target.target);
  const blocked = new Set(state.obstacles.map((o) => o.x + ',' + o.y));
  const free = (x, y) => x >= 0 && y >= 0 && x < state.grid.width && y < state.grid.height && !blocked.has(x + ',' + y);
  const gap = Math.sign(prey.y - state.me.y);
  if (gap === 0 || !free(state.me.x, state.me.y + gap)) return { move: 'stay' };
  return { move: gap < 0 ? 'north' : 'south' };
}
