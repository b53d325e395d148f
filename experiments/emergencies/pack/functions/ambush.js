// Waits where the targets would get away, if I am there before mine; else runs after it.
function run(state, earlier) {
  const prey = state.targets.find((t) => t.id === earlier.target.target);
  const { walk, towards } = walking(state, []);
  const gate = state.event && state.event.cells ? state.event.cells[0] : prey;
  const late = walk(gate)(state.me.x, state.me.y) > walk(gate)(prey.x, prey.y);
  return towards(late || walk(state.me)(prey.x, prey.y) <= 1 ? prey : gate);
}
