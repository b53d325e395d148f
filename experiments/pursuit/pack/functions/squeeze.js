// Takes the step that leaves a close target the fewest cells it can reach before a chaser.
function run(state, earlier) {
  const prey = state.targets.find((t) => t.id === earlier.target.target);
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
  const fleeing = walk(prey);
  if (fleeing(state.me.x, state.me.y) > 4) return { move: 'stay' };
  const partner = walk(state.partner);
  let best = 'stay';
  let least = Infinity;
  for (const [name, dx, dy] of [...steps, ['stay', 0, 0]]) {
    const x = state.me.x + dx;
    const y = state.me.y + dy;
    if (!free(x, y)) continue;
    const mine = walk({ x, y });
    let room = mine(prey.x, prey.y) / 100;
    for (let cx = 0; cx < state.grid.width; cx++) {
      for (let cy = 0; cy < state.grid.height; cy++) {
        if (free(cx, cy) && fleeing(cx, cy) < Math.min(mine(cx, cy), partner(cx, cy))) room += 1;
      }
    }
    if (room < least) {
      best = name;
      least = room;
    }
  }
  return { move: best };
}
