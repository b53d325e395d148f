// What runs, and how quickly it decides.

import { h } from '../dom.js';
import { get, path, query } from '../api.js';
import { milliseconds, number, percent, plural, when } from '../format.js';
import { action, chip, empty, eventually, facts, panel, table, title } from '../parts.js';
import { curves } from '../chart.js';
import { tasks } from '../tasks.js';
import { wording } from './decisions.js';

/** A part is well if a request that it has to answer itself comes back; its duration is what this page sees of it. */
const PARTS = [
  ['Gateway', '/actuator/health/readiness'],
  ['Function base', '/v1/tasks?limit=1'],
  ['Inference', '/v1/models'],
  ['Distillation', '/v1/students?limit=1'],
];

const LONG = 30;
const SAMPLED = 8;

export async function page({ signal }) {
  let asking = null;
  const listed = () => {
    asking ??= overview(signal).catch((problem) => {
      asking = null;
      throw problem;
    });
    return asking;
  };
  return [
    title(
      'Operations',
      action('Look again', () => dispatchEvent(new HashChangeEvent('hashchange')), { class: 'ghost' }),
    ),
    panel(
      'Parts',
      eventually(
        () => Promise.all(PARTS.map(([name, address]) => asked(name, address, signal))),
        parts,
        'Asking every part',
      ),
    ),
    panel('Tasks', eventually(listed, byTask, 'Loading the tasks')),
    panel(
      'Decisions',
      eventually(
        () => speeds(listed, signal),
        ({ counted, newest }) => (counted.length ? counted.map(statistics) : latencyTable(newest)),
        'Reading the log',
      ),
    ),
  ];
}

async function asked(name, address, signal) {
  const start = performance.now();
  try {
    await get(address, { signal });
    return { name, well: true, took: performance.now() - start };
  } catch (problem) {
    return { name, well: false, said: problem.message };
  }
}

function parts(list) {
  return h(
    'ul',
    { class: 'tiles' },
    list.map(({ name, well, took, said }) =>
      h(
        'li',
        {},
        h('span', { class: `dot ${well ? 'good' : 'bad'}`, 'aria-hidden': 'true' }),
        h('strong', {}, name),
        h('span', { class: 'quiet' }, well ? `answers in ${milliseconds(took)}` : `does not answer: ${said}`),
      ),
    ),
  );
}

async function overview(signal) {
  const all = await tasks();
  const rows = await Promise.all(
    all.slice(0, LONG).map(async (task) => {
      const [snapshots, serving, newest] = await Promise.all([
        get(query(path`/v1/tasks/${task.name}/snapshots`, { limit: 100 }), { signal }).catch(() => null),
        get(query('/v1/students', { task: task.name, promoted: true }), { signal }).catch(() => null),
        get(query(path`/v1/tasks/${task.name}/decisions`, { limit: 1 }), { signal }).catch(() => null),
      ]);
      return {
        task,
        active: snapshots?.items.find(({ active }) => active),
        student: serving?.items[0],
        newest: newest?.items[0],
      };
    }),
  );
  return { rows, more: all.length - rows.length };
}

function byTask({ rows, more }) {
  if (!rows.length) {
    return empty('There are no tasks yet.');
  }
  return [
    table(
      'Tasks',
      ['Task', 'Stages', 'Functions in force', 'Student', 'Last decision'],
      rows.map(({ task, active, student, newest }) => [
        h('a', { href: `#/tasks/${encodeURIComponent(task.name)}/functions` }, task.name),
        task.stages.map(({ name }) => name).join(' → '),
        active ? plural(active.functions, 'function') : h('span', { class: 'quiet' }, 'nothing published'),
        student ? student.name : chip('none serves', 'warn'),
        newest
          ? h('a', { href: `#/tasks/${encodeURIComponent(task.name)}/decisions/${newest.id}` }, when(newest.decidedAt))
          : h('span', { class: 'quiet' }, 'never'),
      ]),
    ),
    more ? h('p', { class: 'quiet' }, `And ${plural(more, 'task')} more.`) : null,
  ];
}

/** Of the tasks that decided last: what the log has counted, where it counts, else what its newest decisions tell. */
async function speeds(listed, signal) {
  const { rows } = await listed();
  const names = rows
    .filter(({ newest }) => newest)
    .sort((one, other) => other.newest.decidedAt.localeCompare(one.newest.decidedAt))
    .slice(0, SAMPLED)
    .map(({ task }) => task.name);
  const counted = await Promise.all(
    names.map((name) =>
      get(path`/v1/tasks/${name}/decision-statistics`, { signal }).then((figures) => ({ name, figures }), absent),
    ),
  );
  return counted.some(Boolean)
    ? { counted: counted.filter(Boolean) }
    : { counted: [], newest: await latencies(names, signal) };
}

function absent(problem) {
  if (problem.absent) {
    return null;
  }
  throw problem;
}

/** A task's last day: what was decided by whom, how much and how fast by the hour, and what was said about it. */
function statistics({ name, figures: { buckets, stages, feedback } }) {
  const times = buckets.map(({ from }) => Date.parse(from) / 1000);
  const many = curves({
    label: `Decisions of ${name} by the hour`,
    x: 'time',
    time: true,
    format: (value) => number(value),
  });
  const fast = curves({ label: `Latency of ${name}`, x: 'time', time: true, format: milliseconds });
  if (buckets.length) {
    many.update(times, [{ name: 'decisions', values: buckets.map(({ decisions }) => decisions) }]);
    fast.update(times, [
      { name: 'p50', values: buckets.map(({ p50Ms }) => p50Ms) },
      { name: 'p99', values: buckets.map(({ p99Ms }) => p99Ms) },
    ]);
  }
  return h(
    'section',
    { class: 'group' },
    h('h3', {}, name),
    facts(...summary(buckets, stages, feedback)),
    h('div', { class: 'columns' }, many.element, fast.element),
  );
}

function summary(buckets, stages, feedback) {
  const chosen = stages.reduce((sum, { decisions }) => sum + decisions, 0);
  const by = [...new Set(stages.map(({ decidedBy }) => decidedBy))].map((who) => [
    `By ${wording(who)}`,
    percent(
      stages.filter(({ decidedBy }) => decidedBy === who).reduce((sum, { decisions }) => sum + decisions, 0) / chosen,
      0,
    ),
  ]);
  return [
    ['Decisions of a day', number(buckets.reduce((sum, { decisions }) => sum + decisions, 0))],
    ...by,
    ['Corrected', number(feedback.corrected)],
    Number.isFinite(feedback.meanReward) ? ['Mean reward', number(feedback.meanReward, 2)] : null,
  ];
}

async function latencies(names, signal) {
  const pages = await Promise.all(
    names.map((name) => get(query(path`/v1/tasks/${name}/decisions`, { limit: 100 }), { signal })),
  );
  return names.map((name, index) => ({ name, items: pages[index].items }));
}

function latencyTable(list) {
  if (!list.length) {
    return empty('Nothing has been decided yet.');
  }
  return [
    h(
      'p',
      { class: 'quiet' },
      'Of up to 100 of the newest decisions of the tasks that decided last, as the log has them.',
    ),
    table(
      'Latencies of the newest decisions',
      ['Task', 'Decisions', 'A second', 'p50', 'p95', 'p99', 'By a student', 'Escalated'],
      list.map(({ name, items }) => {
        const spent = items.map(({ timings }) => timings.totalMs).sort((one, other) => one - other);
        const stages = items.flatMap((one) => one.stages);
        const share = (by) => percent(stages.filter(({ decidedBy }) => decidedBy === by).length / stages.length, 0);
        return [
          name,
          number(items.length),
          rate(items),
          milliseconds(at(spent, 0.5)),
          milliseconds(at(spent, 0.95)),
          milliseconds(at(spent, 0.99)),
          share('student'),
          share('teacher'),
        ];
      }),
      { numeric: [1, 2, 3, 4, 5, 6, 7] },
    ),
  ];
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];

/** Over the span of these decisions: a burst of an hour ago shows as the rate that it had. */
function rate(items) {
  const span = (new Date(items[0].decidedAt) - new Date(items.at(-1).decidedAt)) / 1000;
  return span > 0 ? number((items.length - 1) / span, 1) : '–';
}
