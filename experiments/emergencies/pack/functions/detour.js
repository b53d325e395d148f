// Walks to the target round what is closed.
function run(state, earlier) {
  const prey = state.targets.find((t) => t.id === earlier.target.target);
  return walking(state, (state.event && state.event.cells) || []).towards(prey);
}
