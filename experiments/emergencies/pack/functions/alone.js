// The target that is fewest steps away from me, whatever the partner does.
function run(state, earlier) {
  const away = walking(state, []).walk(state.me);
  const nearest = state.targets.reduce((best, t) => away(t.x, t.y) < away(best.x, best.y) ? t : best);
  return { target: nearest.id };
}
