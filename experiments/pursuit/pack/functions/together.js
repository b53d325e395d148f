// The target that my partner and I reach in the fewest steps together.
function run(state, earlier) {
  const blocked = new Set(state.obstacles.map((o) => o.x + ',' + o.y));
  const free = (x, y) => x >= 0 && y >= 0 && x < state.grid.width && y < state.grid.height && !blocked.has(x + ',' + y);
  const steps = [['north', 0, -1], ['east', 1, 0], ['south', 0, 1], ['west', -1, 0]];
  // Walking distance from one cell to every cell that can be reached.
  function walk(from) {
    const seen = new Map([[from.x + ',' + from.y, 0]]);
    const queue = [from];
    for (let i = 0; i < queue.length; i++) {
      const cell = queue[i];
      for (const [, dx, dy] of steps) {
        const key = (cell.x + dx) + ',' + (cell.y + dy);
        if (free(cell.x + dx, cell.y + dy) && !seen.has(key)) {
          seen.set(key, seen.get(cell.x + ',' + cell.y) + 1);
          queue.push({ x: cell.x + dx, y: cell.y + dy });
        }
      }
    }
    return (x, y) => seen.has(x + ',' + y) ? seen.get(x + ',' + y) : 1000;
  }
  const mine = walk(state.me);
  const theirs = walk(state.partner);
  const sum = (t) => mine(t.x, t.y) + theirs(t.x, t.y);
  let best = state.targets[0];
  for (const target of state.targets) {
    if (sum(target) < sum(best)) best = target;
  }
  return { target: best.id };
}
