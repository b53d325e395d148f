package io.logicdistillation.runtime;

/** Functions of the kind that the platform is made for. */
final class Samples {

    private Samples() {}

    static final String TRIVIAL = "function run(a) { return a + 1; }";

    /** Breadth-first search on a 10 by 10 grid with walls, towards a cell that the target is about to reach. */
    static final String CUT_OFF = """
            function run(state, earlier) {
              const size = state.size;
              const target = state.targets.find((one) => one.id === earlier.target.id);
              const walls = new Set(state.walls.map((wall) => wall.x + ',' + wall.y));
              const moves = [['north', 0, -1], ['south', 0, 1], ['east', 1, 0], ['west', -1, 0]];
              const inside = (x, y) => x >= 0 && y >= 0 && x < size && y < size && !walls.has(x + ',' + y);
              const distances = (from) => {
                const seen = new Map([[from.x + ',' + from.y, 0]]);
                const queue = [from];
                for (let head = 0; head < queue.length; head++) {
                  const here = queue[head];
                  const steps = seen.get(here.x + ',' + here.y);
                  for (const [, dx, dy] of moves) {
                    const x = here.x + dx;
                    const y = here.y + dy;
                    if (inside(x, y) && !seen.has(x + ',' + y)) {
                      seen.set(x + ',' + y, steps + 1);
                      queue.push({ x, y });
                    }
                  }
                }
                return seen;
              };
              const fromTarget = distances(target);
              let best = { move: 'stay', cost: Infinity };
              for (const [move, dx, dy] of moves) {
                const x = state.me.x + dx;
                const y = state.me.y + dy;
                const cost = inside(x, y) ? fromTarget.get(x + ',' + y) : undefined;
                if (cost !== undefined && cost < best.cost) {
                  best = { move, cost };
                }
              }
              return { move: best.move };
            }
            """;

    /** The same search in Python. */
    static final String CUT_OFF_IN_PYTHON = """
            from collections import deque

            MOVES = (('north', 0, -1), ('south', 0, 1), ('east', 1, 0), ('west', -1, 0))

            def run(state, earlier):
                size = state['size']
                target = next(one for one in state['targets'] if one['id'] == earlier['target']['id'])
                walls = {(wall['x'], wall['y']) for wall in state['walls']}

                def inside(x, y):
                    return 0 <= x < size and 0 <= y < size and (x, y) not in walls

                seen = {(target['x'], target['y']): 0}
                queue = deque(seen)
                while queue:
                    x, y = queue.popleft()
                    for _, dx, dy in MOVES:
                        step = (x + dx, y + dy)
                        if inside(*step) and step not in seen:
                            seen[step] = seen[x, y] + 1
                            queue.append(step)
                best, cost = 'stay', float('inf')
                for move, dx, dy in MOVES:
                    here = seen.get((state['me']['x'] + dx, state['me']['y'] + dy), cost)
                    if here < cost:
                        best, cost = move, here
                return {'move': best}
            """;

    static final String PURSUIT_ARGUMENTS = """
            [{"size":10,"me":{"x":0,"y":0},"targets":[{"id":"a","x":9,"y":9}],
              "walls":[{"x":1,"y":0},{"x":4,"y":4},{"x":4,"y":5},{"x":5,"y":4}]},{"target":{"id":"a"}}]""";
}
