// Students side by side, the jobs that make them, the datasets that they learn from.

import { announce, append, h, replace } from '../dom.js';
import { all, get, path, post, query, session } from '../api.js';
import { milliseconds, number, percent, plural, seconds, when } from '../format.js';
import {
  action,
  chip,
  confirmWithReason,
  empty,
  endless,
  eventually,
  failed,
  field,
  hash,
  loading,
  panel,
  table,
  title,
} from '../parts.js';

// Between two looks at a canary's figures; the services report them every five seconds.
const LOOK_MS = 3000;
const ENDED = new Set(['completed', 'rolled-back', 'superseded']);

export async function page({ signal }) {
  return [
    title('Distillation'),
    panel(
      'Students',
      h(
        'p',
        { class: 'quiet' },
        'The small models that choose. Agreement with the teacher is counted on episodes that no training saw; whiskers and brackets are 95 % intervals.',
      ),
      eventually(
        () => Promise.all([all('/v1/students', { signal }), all('/v1/evaluations', { signal })]),
        (found) => students(found, signal),
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

function students([list, evaluations], signal) {
  if (!list.length) {
    return empty('There are no students yet.');
  }
  const judged = new Map(evaluations.map((found) => [found.evaluation.student, found]));
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
            .sort((one, other) => rank(other) - rank(one))
            .map((student) => card(student, judged.get(student.id), own, signal)),
        ),
      ),
    );
}

/** Who serves comes first, then who is tried beside it. */
function rank(student) {
  return student.promoted ? 2 : Number(isTried(student));
}

function isTried({ id, canary }) {
  return canary?.student === id;
}

function card(student, judged, siblings, signal) {
  const stages = judged?.evaluation.stages ?? [];
  return h(
    'li',
    { class: student.promoted ? 'serving' : '' },
    h(
      'div',
      { class: 'student-head' },
      h('strong', {}, student.name),
      student.promoted ? chip('serving', 'good') : null,
      isTried(student) ? chip(`canary, ${student.canary.percent} %`, 'warn') : null,
      chip(student.method),
      judged ? chip(judged.evaluation.way) : null,
      hash(student.id),
      h('span', { class: 'quiet when' }, when(student.createdAt)),
    ),
    stages.length
      ? h('ul', { class: 'measures', 'aria-label': `Figures of ${student.name}` }, stages.map(measure))
      : h('p', { class: 'quiet' }, 'No figures: it was never judged.'),
    judged?.rewards?.length ? rewards(student, judged.rewards) : null,
    judged?.timing ? times(student, judged.timing) : null,
    isTried(student) ? trial(student, signal) : null,
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

/** What environments paid it, beside its teacher and the student that serves, in the same episodes. */
function rewards(student, found) {
  return table(
    `Rewards of ${student.name}`,
    ['Environment', 'Episodes', 'Reward', 'Share of the teacher’s', 'Less the serving student’s'],
    found.map(({ environment, episodes, reward, low, high, teacher, serving }) => [
      environment,
      number(episodes),
      estimate({ value: reward, low, high }, (value) => number(value, 2)),
      estimate(teacher?.share, (value) => percent(value, 0)),
      estimate(serving?.difference, (value) => number(value, 2)),
    ]),
    { numeric: [1, 2, 3, 4] },
  );
}

/** How long it takes to choose, in turns with the student that served then. */
function times(student, { machine, measuredAt, stages }) {
  return [
    table(
      `Times of ${student.name}`,
      ['Stage', 'Rows', 'Median', 'p99', 'Median of the one that served', 'Times as long'],
      stages.map(({ stage, rows, student: own, serving, ratio }) => [
        stage,
        number(rows),
        milliseconds(own.p50Ms),
        milliseconds(own.p99Ms),
        milliseconds(serving?.p50Ms),
        estimate(ratio, (value) => number(value, 2)),
      ]),
      { numeric: [1, 2, 3, 4, 5] },
    ),
    h('p', { class: 'quiet' }, `Timed on ${machine}, `, when(measuredAt)),
  ];
}

/** A figure with its 95 % interval, where it has one. */
function estimate(found, shown) {
  if (!found) {
    return '–';
  }
  return Number.isFinite(found.low)
    ? `${shown(found.value)} [${shown(found.low)}, ${shown(found.high)}]`
    : shown(found.value);
}

/** What the canary and the student beside it have done so far; goes on looking while it runs and is shown. */
function trial(student, signal) {
  const place = h('div', { class: 'trial' }, loading('Loading the figures'));
  const look = async () => {
    while (!signal.aborted) {
      try {
        const { items } = await get(path`/v1/students/${student.id}/promotions`, { signal });
        const own = items.filter(({ canary }) => canary?.id === student.canary.id).map(({ canary }) => canary);
        if (own.some(({ event }) => ENDED.has(event))) {
          dispatchEvent(new HashChangeEvent('hashchange'));
          return;
        }
        replace(place, own.length ? compared(own[0].terms, own.at(-1).figures) : null);
      } catch (problem) {
        if (problem.name !== 'AbortError') {
          replace(place, failed(problem));
        }
      }
      await new Promise((goOn) => setTimeout(goOn, LOOK_MS));
    }
  };
  look();
  return place;
}

/** The newest entry has the terms, the oldest the figures of now. */
function compared(terms, figures) {
  if (!figures) {
    return h('p', { class: 'quiet' }, 'No decision has been counted yet.');
  }
  const share = (part, whole) => (whole ? percent(part / whole) : '–');
  const row = (name, { decisions, errors, escalations, corrected, disagreeing }) => [
    name,
    number(decisions),
    share(errors, decisions),
    share(escalations, decisions),
    corrected ? `${share(disagreeing, corrected)} of ${number(corrected)}` : '–',
  ];
  const least = Math.min(figures.canary.decisions, figures.serving.decisions);
  return [
    table(
      'The canary and the student that serves',
      ['Since it began', 'Decisions', 'Failed', 'In doubt', 'Corrected'],
      [row('canary', figures.canary), row('serving', figures.serving)],
      { numeric: [1, 2, 3, 4] },
    ),
    h(
      'p',
      { class: 'quiet' },
      least < terms.minDecisions
        ? `They are compared when both have made ${number(terms.minDecisions)} decisions.`
        : 'It is rolled back by itself if it does worse than chance explains.',
    ),
  ];
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
  const complete = () =>
    change(student, 'promotions', said, {
      heading: `Complete the canary ${student.name}?`,
      text: `It decides all of ${student.task} from now on.`,
      confirm: 'Complete',
      override: !gate?.passed,
    });
  const end = () =>
    change(student, 'rollbacks', said, {
      heading: `Roll the canary ${student.name} back?`,
      text: `The student that serves ${student.task} decides all of it again.`,
      confirm: 'Roll back',
      override: false,
    });
  const look = action('History', () => history(student, said), { class: 'ghost' });
  const serving = siblings.some(({ promoted }) => promoted);
  const tried = siblings.some(isTried);
  const moves = isTried(student)
    ? [
        action('Complete', complete),
        action('Change share', () => tryOut(student, said, gate, student.canary.percent)),
        action('Roll back', end),
      ]
    : student.promoted
      ? [siblings.length > 1 && action('Roll back', rollBack)]
      : [
          action('Promote', promote),
          serving && !tried ? action('Canary', () => tryOut(student, said, gate, 10)) : null,
        ];
  return append(h('div', { class: 'buttons' }, moves, look), [said]);
}

/** Lets a student decide a share, or changes how much. */
async function tryOut(student, said, gate, usual) {
  const share = h('input', { type: 'number', min: '1', max: '99', step: '1', value: String(usual), required: true });
  await change(student, 'promotions', said, {
    heading: `Try ${student.name} on a share?`,
    text: `It decides some of ${student.task}, the student that serves the rest. It is rolled back by itself if it does worse.`,
    confirm: 'Start',
    override: !isTried(student) && !gate?.passed,
    also: field('Percent of the decisions', share, 'Episodes are never split.'),
    more: () => ({ canary: { percent: Number(share.value) } }),
  });
}

async function change(student, kind, said, { heading, text, confirm, override, also, more = () => ({}) }) {
  const answer = await confirmWithReason(heading, text, confirm, { override, also });
  if (!answer) {
    return;
  }
  try {
    const body = {
      ...(answer.reason ? { reason: answer.reason } : {}),
      ...(answer.override ? { override: true } : {}),
      ...more(),
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
        one.canary ? ` (canary of ${one.canary.terms.percent} %: ${one.canary.event})` : '',
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
