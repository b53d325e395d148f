// The target with the fewest free cells beside it.
function run(state, earlier) {
  const blocked = new Set(state.obstacles.map((o) => o.x + ',' + o.y));
  const free = (x, y) => x >= 0 && y >= 0 && x < state.grid.width && y < state.grid.height && !blocked.has(x + ',' + y);
  const exits = (t) => [[0, -1], [1, 0], [0, 1], [-1, 0]].filter(([dx, dy]) => free(t.x + dx, t.y + dy)).length;
  let best = state.targets[0];
  for (const target of state.targets) {
    if (exits(target) < exits(best)) best = target;
  }
  return { target: best.id };
}
