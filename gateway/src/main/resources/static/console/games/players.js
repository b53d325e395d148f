// Who plays a game: each player names what its request to the decisions API holds beside the state.

import { Problem, all, once, path, query } from '../api.js';
import { PythonRandom } from './random.js';
import { teach } from './pursuit-teacher.js';

/**
 * The players that this installation has. `task` is the one that is asked; `carried` makes the rest of the request.
 * The task of outputs is plain distillation: the student names the move itself and no function is chosen.
 */
export async function players(game, signal) {
  const [own, plain] = await Promise.all([students(game, signal), students(`${game}-outputs`, signal)]);
  const found = [];
  if (own.some(({ promoted }) => promoted)) {
    const serving = own.find(({ promoted }) => promoted);
    found.push(asks('student', `Student (${serving.name})`, game, { student: serving.id }));
  }
  if (game === 'pursuit') {
    found.push({
      id: 'teacher',
      name: 'Teacher (imposed)',
      task: game,
      start: () => (state) => ({ choices: teach(state) }),
    });
  }
  plain
    .filter(({ method, name }) => method === 'kd' || name.endsWith('-kd'))
    .forEach(({ id, name }) =>
      found.push(asks(name, `Plain distillation (${name})`, `${game}-outputs`, { student: id })),
    );
  own
    .filter(({ promoted }) => !promoted)
    .forEach(({ id, name, method }) =>
      found.push(
        asks(id, method === 'untuned' ? 'The small model, untuned' : `${name}, not serving`, game, { student: id }),
      ),
    );
  found.push({ id: 'die', name: 'A die', task: game, start: (seed) => die(game, seed) });
  return found;
}

const asks = (id, name, task, request) => ({ id, name, task, start: () => () => request });

/** Of a task that is not there, none. */
async function students(task, signal) {
  try {
    return await all(query('/v1/students', { task }), { signal, most: 100 });
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 404) {
      return [];
    }
    throw problem;
  }
}

/** Chooses by chance among the functions of each stage; the same for the same board. */
function die(game, seed) {
  const dice = new PythonRandom(`random:${seed}`);
  return async () => {
    const { definition, functions } = await once(path`/v1/tasks/${game}/snapshots/active`);
    return {
      choices: Object.fromEntries(
        definition.stages.map(({ name }) => [
          name,
          dice.choice(
            functions
              .filter(({ stage }) => stage === name)
              .map((one) => one.name)
              .sort(),
          ),
        ]),
      ),
    };
  };
}
