// Heads off a target that runs to the gate: goes to the first cell of its way where I can be before it, and waits there.
function run(state, earlier) {
  const prey = state.targets.find((t) => t.id === earlier.target.target);
  const { walk, towards, steps } = walking(state, []);
  const gate = state.event && state.event.cells ? state.event.cells[0] : prey;
  const left = walk(gate);
  const mine = walk(state.me);
  // While the gate is open a target takes the first step that brings it nearer, and rests nowhere.
  let at = { x: prey.x, y: prey.y };
  for (let turns = 0; turns <= left(prey.x, prey.y); turns++) {
    if (mine(at.x, at.y) <= Math.max(turns, 1)) return towards(at);
    at = steps.map(([, dx, dy]) => ({ x: at.x + dx, y: at.y + dy })).find((c) => left(c.x, c.y) < left(at.x, at.y)) || at;
  }
  return towards(prey);
}
