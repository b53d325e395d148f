// Says in words how the targets lie and which of them the partner is after. Every phrase has its place.
function view(state, earlier) {
  const blocked = new Set(state.obstacles.map((o) => o.x + ',' + o.y));
  const free = (x, y) => x >= 0 && y >= 0 && x < state.grid.width && y < state.grid.height && !blocked.has(x + ',' + y);
  const steps = [[0, -1], [1, 0], [0, 1], [-1, 0]];

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

  function describe(target) {
    const reach = mine(target) <= 1 ? 'adjacent' : mine(target) <= 4 ? 'close' : 'far';
    const dx = target.x - state.me.x;
    const dy = target.y - state.me.y;
    const direction = (dy < 0 ? 'north' : dy > 0 ? 'south' : '') + (dx < 0 ? 'west' : dx > 0 ? 'east' : '');
    const exits = steps.filter(([sx, sy]) => free(target.x + sx, target.y + sy)).length;
    const place = exits <= 2 ? 'in a corner' : exits === 3 ? 'beside a wall' : 'in the open';
    return reach + ' ' + (direction || 'here') + ' ' + place;
  }

  const prey = closest(mine);
  if (state.targets.length === 1) {
    return 'One target left, ' + describe(prey) + '. Partner ' + (theirs(prey) < mine(prey) ? 'nearer' : 'not nearer') + '.';
  }
  const other = state.targets.find((t) => t !== prey);
  const goal = closest(theirs);
  return 'Two targets: first ' + describe(prey) + ', second ' + describe(other) + '. Partner goes for the '
    + (goal === prey ? 'first' : 'second') + ', ' + (theirs(goal) < mine(prey) ? 'nearer' : 'not nearer') + '.';
}
