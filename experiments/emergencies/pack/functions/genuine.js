// The target that is no decoy.
function run(state, earlier) {
  const decoy = state.event ? state.event.target : undefined;
  return { target: (state.targets.find((t) => t.id !== decoy) || state.targets[0]).id };
}
