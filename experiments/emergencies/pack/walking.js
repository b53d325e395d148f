// Walking on the board of a state, with more cells closed.
function walking(state, closed) {
  const shut = new Set([...state.obstacles, ...closed].map((c) => c.x + ',' + c.y));
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
  return { walk, towards, steps };
}
