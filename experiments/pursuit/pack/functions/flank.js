// Heads for the side of a close target that is opposite to my partner.
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
  // First step of a shortest walk to a cell.
  function towards(goal) {
    const away = walk(goal);
    let best = 'stay';
    let least = away(state.me.x, state.me.y);
    for (const [name, dx, dy] of steps) {
      const x = state.me.x + dx;
      const y = state.me.y + dy;
      if (free(x, y) && away(x, y) < least) {
        best = name;
        least = away(x, y);
      }
    }
    return { move: best };
  }
  if (walk(prey)(state.me.x, state.me.y) > 4) return { move: 'stay' };
  const dx = Math.sign(prey.x - state.partner.x);
  const dy = Math.sign(prey.y - state.partner.y);
  const behind = [{ x: prey.x + dx, y: prey.y + dy }, { x: prey.x + dx, y: prey.y }, { x: prey.x, y: prey.y + dy }];
  const goal = behind.find((cell) => free(cell.x, cell.y) && (cell.x !== prey.x || cell.y !== prey.y));
  return towards(goal || prey);
}
