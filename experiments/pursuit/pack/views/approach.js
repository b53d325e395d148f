// Says in words how the chosen target, its surroundings and the partner lie. Every phrase has its place.
function view(state, earlier) {
  const prey = state.targets.find((t) => t.id === earlier.target.target);
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

  const reach = (n) => n <= 1 ? 'adjacent' : n <= 4 ? 'close' : 'far';
  const compass = (dx, dy) => [dy < 0 ? 'north' : dy > 0 ? 'south' : '', dx < 0 ? 'west' : dx > 0 ? 'east' : ''].join('') || 'here';

  const away = walk(prey);
  const exits = steps.filter(([dx, dy]) => free(prey.x + dx, prey.y + dy)).length;
  const dx = prey.x - state.me.x;
  const dy = prey.y - state.me.y;
  const vertical = Math.abs(dy) >= Math.abs(dx);
  const open = vertical ? free(state.me.x, state.me.y + Math.sign(dy)) : free(state.me.x + Math.sign(dx), state.me.y);
  const side = dx * (prey.x - state.partner.x) + dy * (prey.y - state.partner.y) > 0 ? 'same' : 'opposite';

  const phrases = [
    'target ' + reach(away(state.me)) + ' to the ' + compass(dx, dy),
    exits <= 2 ? 'in a corner' : exits === 3 ? 'beside a wall' : 'in the open',
    'partner ' + (away(state.partner) <= 4 ? 'near it' : 'away from it') + ' on the ' + side + ' side, '
      + compass(state.partner.x - state.me.x, state.partner.y - state.me.y) + ' of me',
  ];
  if (away(state.me) > 4) phrases.push('path ' + (open ? 'clear' : 'blocked'), 'gap mostly ' + (vertical ? 'up or down' : 'sideways'));
  return phrases.join(', ') + '.';
}
