// The target that is fewest steps away from me, whatever the partner does.
function run(state, earlier) {
  const shut = new Set(state.obstacles.map((c) => c.x + ',' + c.y));
  const free = (x, y) => x >= 0 && y >= 0 && x < state.grid.width && y < state.grid.height && !shut.has(x + ',' + y);
  const steps = [['north', 0, -1], ['east', 1, 0], ['south', 0, 1], ['west', -1, 0]];
  // Walking distance from one cell to every cell that can be reached.
  function walk(from) {
    const seen = new Map([[from.x + ',' + from.y, 0]]);
    const queue = [from];
    for (let i = 0; i < queue.length; i++) {
      for (const [, dx, dy] of steps) {
        const x = queue[i].x + dx;
        const y = queue[i].y + dy;
        if (free(x, y) && !seen.has(x + ',' + y)) {
          seen.set(x + ',' + y, seen.get(queue[i].x + ',' + queue[i].y) + 1);
          queue.push({ x, y });
        }
      }
    }
    return (x, y) => seen.has(x + ',' + y) ? seen.get(x + ',' + y) : 1000;
  }
  const away = walk(state.me);
  const nearest = state.targets.reduce((best, t) => away(t.x, t.y) < away(best.x, best.y) ? t : best);
  return { target: nearest.id };
}
