// Says in words where everything lies, for a model that has to name the move itself: each fact of the pursuit game's two
// views, with distances in steps, and which of the neighbouring cells are free.
function view(state, earlier) {
  const blocked = new Set(state.obstacles.map((o) => o.x + ',' + o.y));
  const free = (x, y) => x >= 0 && y >= 0 && x < state.grid.width && y < state.grid.height && !blocked.has(x + ',' + y);
  const steps = [[0, -1, 'up'], [1, 0, 'right'], [0, 1, 'down'], [-1, 0, 'left']];

  function walk(from) {
    const seen = new Map([[from.x + ',' + from.y, 0]]);
    const queue = [from];
    for (let i = 0; i < queue.length; i++) {
      for (const [dx, dy] of steps) {
        const x = queue[i].x + dx;
        const y = queue[i].y + dy;
        if (free(x, y) && !seen.has(x + ',' + y)) {
          seen.set(x + ',' + y, seen.get(queue[i].x + ',' + queue[i].y) + 1);
          queue.push({ x, y });
        }
      }
    }
    return (cell) => seen.has(cell.x + ',' + cell.y) ? seen.get(cell.x + ',' + cell.y) : 1000;
  }

  const mine = walk(state.me);
  const theirs = walk(state.partner);
  const closest = (away) => state.targets.reduce((best, t) => away(t) < away(best) ? t : best);

  function offset(cell) {
    const dx = cell.x - state.me.x;
    const dy = cell.y - state.me.y;
    const parts = [];
    if (dy !== 0) parts.push(Math.abs(dy) + (dy < 0 ? ' up' : ' down'));
    if (dx !== 0) parts.push(Math.abs(dx) + (dx < 0 ? ' left' : ' right'));
    return parts.join(' ') || 'here';
  }

  function describe(target) {
    const exits = steps.filter(([sx, sy]) => free(target.x + sx, target.y + sy)).length;
    const place = exits <= 2 ? 'in a corner' : exits === 3 ? 'beside a wall' : 'in the open';
    return offset(target) + ', ' + mine(target) + ' steps, ' + place + ', partner ' + theirs(target) + ' steps from it';
  }

  const prey = closest(mine);
  const other = state.targets.find((t) => t !== prey);
  const goal = closest(theirs);
  const open = steps.filter(([dx, dy]) => free(state.me.x + dx, state.me.y + dy)).map(([, , name]) => name);
  return (other ? 'First target ' : 'One target ') + describe(prey) + (other ? '; second ' + describe(other) : '') + '. Partner '
    + offset(state.partner) + (other ? ', goes for the ' + (goal === prey ? 'first' : 'second') : '') + '. Free: ' + open.join(', ') + '.';
}
