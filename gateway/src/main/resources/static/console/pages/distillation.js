// Students side by side, the jobs that make them, the datasets that they learn from.

import { announce, append, h, replace } from '../dom.js';
import { all, get, path, post, query, session } from '../api.js';
import { number, percent, plural, seconds, when } from '../format.js';
import { action, chip, confirmWithReason, empty, endless, eventually, failed, hash, panel, title } from '../parts.js';

export async function page({ signal }) {
  return [
    title('Distillation'),
    panel(
      'Students',
      h(
        'p',
        { class: 'quiet' },
        'The small models that choose. Agreement with the teacher is counted on episodes that no training saw; the whisker is the 95 % interval.',
      ),
      eventually(
        () => Promise.all([all('/v1/students', { signal }), all('/v1/evaluations', { signal })]),
        students,
        'Loading the students',
      ),
    ),
    panel(
      'Jobs',
      endless((cursor) => get(query('/v1/distillation-jobs', { limit: 20, cursor }), { signal }), {
        item: job,
        none: () =>
          empty(
            'No student has been ordered yet.',
            h('p', {}, 'A job is ordered with ', h('code', {}, 'POST /v1/distillation-jobs'), '.'),
          ),
      }),
    ),
    panel(
      'Datasets',
      endless((cursor) => get(query('/v1/datasets', { limit: 20, cursor }), { signal }), {
        item: dataset,
        none: () =>
          empty(
            'There are no datasets yet.',
            h('p', {}, 'One begins with ', h('code', {}, 'POST /v1/datasets'), ' and fills by trajectories.'),
          ),
      }),
    ),
  ];
}

function students([list, evaluations]) {
  if (!list.length) {
    return empty('There are no students yet.');
  }
  const judged = new Map(evaluations.map(({ evaluation, gate }) => [evaluation.student, { evaluation, gate }]));
  const byTask = Map.groupBy(list, ({ task }) => task);
  return [...byTask]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([task, own]) =>
      h(
        'section',
        { class: 'group' },
        h('h3', {}, task),
        h(
          'ul',
          { class: 'students' },
          own
            .sort((one, other) => Number(other.promoted) - Number(one.promoted))
            .map((student) => card(student, judged.get(student.id), own)),
        ),
      ),
    );
}

function card(student, judged, siblings) {
  const stages = judged?.evaluation.stages ?? [];
  return h(
    'li',
    { class: student.promoted ? 'serving' : '' },
    h(
      'div',
      { class: 'student-head' },
      h('strong', {}, student.name),
      student.promoted ? chip('serving', 'good') : null,
      chip(student.method),
      judged ? chip(judged.evaluation.way) : null,
      hash(student.id),
      h('span', { class: 'quiet when' }, when(student.createdAt)),
    ),
    stages.length
      ? h('ul', { class: 'measures', 'aria-label': `Figures of ${student.name}` }, stages.map(measure))
      : h('p', { class: 'quiet' }, 'No figures: it was never judged.'),
    student.promoted ? null : gateOf(judged?.gate),
    session.may('operate') ? buttons(student, judged?.gate, siblings) : null,
  );
}

/** Agreement from 0 to 1 as a point with its interval, and what the calibration is off by. */
function measure({ stage, agreement, low, high, rows, calibrationError }) {
  return h(
    'li',
    {},
    h('span', { class: 'measure-name' }, stage),
    h(
      'span',
      { class: 'whisker', 'aria-hidden': 'true', vars: { '--low': low, '--high': high, '--at': agreement } },
      h('span', { class: 'span' }),
      h('span', { class: 'point' }),
    ),
    h('span', { class: 'number' }, `${percent(agreement)} agree`),
    h('span', { class: 'quiet number' }, `${percent(low, 0)}–${percent(high, 0)} of ${number(rows)}`),
    h(
      'span',
      { class: 'quiet number' },
      Number.isFinite(calibrationError) ? `calibration off by ${percent(calibrationError)}` : '',
    ),
  );
}

function gateOf(gate) {
  if (!gate) {
    return null;
  }
  return gate.passed
    ? h('p', { class: 'gate good' }, 'The gate would let it serve.')
    : h(
        'details',
        { class: 'gate' },
        h('summary', {}, 'The gate would refuse it'),
        h(
          'ul',
          {},
          gate.reasons.map((reason) => h('li', {}, reason)),
        ),
      );
}

function buttons(student, gate, siblings) {
  const said = h('div', {});
  const promote = () =>
    change(student, 'promotions', said, {
      heading: `Promote ${student.name}?`,
      text: `It decides in ${student.task} from now on.`,
      confirm: 'Promote',
      override: !gate?.passed,
    });
  const rollBack = () =>
    change(student, 'rollbacks', said, {
      heading: `Roll ${student.name} back?`,
      text: `The student that served ${student.task} before serves again.`,
      confirm: 'Roll back',
      override: false,
    });
  const move = student.promoted ? siblings.length > 1 && action('Roll back', rollBack) : action('Promote', promote);
  const look = action('History', () => history(student, said), { class: 'ghost' });
  return append(h('div', { class: 'buttons' }, move, look), [said]);
}

async function change(student, kind, said, { heading, text, confirm, override }) {
  const answer = await confirmWithReason(heading, text, confirm, { override });
  if (!answer) {
    return;
  }
  try {
    const body = {
      ...(answer.reason ? { reason: answer.reason } : {}),
      ...(answer.override ? { override: true } : {}),
    };
    await post(`${path`/v1/students/${student.id}`}/${kind}`, body);
    announce('Done');
    dispatchEvent(new HashChangeEvent('hashchange'));
  } catch (problem) {
    replace(said, failed(problem));
  }
}

async function history(student, said) {
  try {
    const { items } = await get(path`/v1/students/${student.id}/promotions`);
    const lines = items.map((one) =>
      h(
        'li',
        {},
        h('strong', {}, one.kind),
        ` by ${one.decidedBy}, `,
        when(one.decidedAt),
        one.reason ? `: ${one.reason}` : '',
        one.overrode ? h('span', { class: 'quiet' }, ` (past the gate: ${one.overrode})`) : null,
      ),
    );
    replace(
      said,
      lines.length ? h('ul', { class: 'history' }, lines) : h('p', { class: 'quiet' }, 'It was never promoted.'),
    );
  } catch (problem) {
    replace(said, failed(problem));
  }
}

function job(one) {
  const progress = one.progress;
  return h(
    'li',
    {},
    h(
      'a',
      { class: 'job-row', href: `#/distillation/jobs/${one.id}` },
      h('span', {}, h('strong', {}, one.spec.name), h('span', { class: 'quiet' }, ` for ${one.spec.task.name}`)),
      chip(one.state, one.state),
      h(
        'span',
        { class: 'quiet number' },
        progress ? `step ${progress.step} of ${progress.steps}, ${seconds(progress.seconds)}` : '',
      ),
      h('time', { class: 'quiet', datetime: one.createdAt }, when(one.createdAt)),
    ),
  );
}

function dataset(one) {
  return h(
    'li',
    {},
    h(
      'a',
      { class: 'job-row', href: `#/distillation/datasets/${one.id}` },
      h('span', {}, h('strong', {}, one.name), h('span', { class: 'quiet' }, ` for ${one.task}`)),
      h('span', { class: 'number' }, plural(one.rows, 'row')),
      h('span', { class: 'quiet' }, `by ${one.createdBy}`),
      h('time', { class: 'quiet', datetime: one.createdAt }, when(one.createdAt)),
    ),
  );
}
