// Adds to the pursuit game's view what the events say that bear on how to move.
view = ((said) => (state, earlier) => {
  const event = state.event;
  if (!event || !['corridor', 'whistle', 'gate'].includes(event.kind)) return said(state, earlier);

  function news() {
    if (event.kind === 'whistle') {
      return event.now ? 'The referee has whistled, all movement is punished.' : 'The whistle is over, movement is free.';
    }
    if (event.kind === 'gate') {
      return event.now ? 'A gate stands open and the targets run to it.' : 'The gate is shut again.';
    }
    if (!event.now) return 'The closed corridor is open again.';
    const prey = state.targets.find((t) => t.id === earlier.target.target);
    const longer = steps(prey, event.cells) > steps(prey, []);
    return longer ? 'A corridor on my route was closed.' : 'A corridor was closed, but not on my route.';
  }

  // Walking distance from me to a cell, with more cells closed.
  function steps(goal, closed) {
    const shut = new Set([...state.obstacles, ...closed].map((c) => c.x + ',' + c.y));
    const seen = new Map([[state.me.x + ',' + state.me.y, 0]]);
    const queue = [state.me];
    for (let i = 0; i < queue.length; i++) {
      for (const [dx, dy] of [[0, -1], [1, 0], [0, 1], [-1, 0]]) {
        const x = queue[i].x + dx;
        const y = queue[i].y + dy;
        const key = x + ',' + y;
        if (x >= 0 && y >= 0 && x < state.grid.width && y < state.grid.height && !shut.has(key) && !seen.has(key)) {
          seen.set(key, seen.get(queue[i].x + ',' + queue[i].y) + 1);
          queue.push({ x, y });
        }
      }
    }
    const key = goal.x + ',' + goal.y;
    return seen.has(key) ? seen.get(key) : 1000;
  }

  return said(state, earlier) + ' ' + news();
})(view);
