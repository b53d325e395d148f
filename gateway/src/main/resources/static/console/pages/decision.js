// One decision, explained: what was seen, what could have been chosen, what was, and what came of it.

import { h, replace } from '../dom.js';
import { get, once, path, query } from '../api.js';
import { json } from '../code.js';
import { brief, milliseconds, moment, percent } from '../format.js';
import { action, facts, hash, panel, title } from '../parts.js';
import { picture } from '../games/draw.js';
import { again } from './decision/again.js';
import { feedback } from './decision/feedback.js';
import { stageOf } from './decision/stage.js';

export async function page({ parts: [task, id], signal }) {
  const decision = await get(path`/v1/decisions/${id}`, { signal });
  const functions = once(path`/v1/tasks/${decision.task}/snapshots/${decision.snapshot}`).then(
    (found) => new Map(found.functions.map((one) => [`${one.stage}/${one.name}`, one])),
  );
  return [
    h(
      'p',
      { class: 'crumbs' },
      h('a', { href: `#/tasks/${encodeURIComponent(task)}/decisions` }, `Decisions of ${task}`),
    ),
    title(`Decided: ${brief(decision.output)}`, share()),
    summary(decision, signal),
    h(
      'ol',
      { class: 'flow', 'aria-label': 'Stages' },
      decision.stages.map((stage, index) => h('li', {}, stageOf(stage, index, decision, functions))),
    ),
    h('div', { class: 'columns' }, timings(decision.timings), stateOf(decision), remembered(decision)),
    again(decision),
    await feedback(decision, signal),
  ];
}

function share() {
  const said = h('span', { role: 'status', class: 'quiet' });
  const link = h('input', {
    type: 'text',
    readonly: true,
    'aria-label': 'Link to this decision',
    value: location.href,
    hidden: true,
  });
  return [
    link,
    action(
      'Copy link',
      async () => {
        try {
          await navigator.clipboard.writeText(location.href);
          replace(said, 'Copied');
        } catch {
          link.hidden = false;
          link.select();
        }
      },
      { class: 'ghost' },
    ),
    said,
  ];
}

function summary(decision, signal) {
  const student = h('span', {}, hash(decision.student));
  if (decision.student === 'none') {
    replace(student, 'none: every choice was imposed');
  } else {
    get(path`/v1/students/${decision.student}`, { signal }).then(
      ({ name }) => replace(student, `${name} `, hash(decision.student)),
      () => {},
    );
  }
  return facts(
    ['When', h('time', { datetime: decision.decidedAt }, moment(decision.decidedAt))],
    ['Took', milliseconds(decision.timings.totalMs)],
    ['Student', student],
    ['Snapshot', hash(decision.snapshot)],
    decision.episode
      ? [
          'Episode',
          h(
            'a',
            { href: query(`#/tasks/${encodeURIComponent(decision.task)}/decisions`, { episode: decision.episode }) },
            `${decision.episode.slice(0, 8)}…`,
          ),
        ]
      : null,
  );
}

const STEPS = [
  ['retrieveMs', 'Find candidates'],
  ['prefillMs', 'Ask the model'],
  ['executeMs', 'Run functions'],
  ['logMs', 'Log'],
];

function timings(spent) {
  const known = STEPS.filter(([name]) => Number.isFinite(spent[name]));
  const other = spent.totalMs - known.reduce((sum, [name]) => sum + spent[name], 0);
  const rows = [
    ...known.map(([name, text]) => [name, text, spent[name]]),
    ['other', 'Everything else', Math.max(0, other)],
  ];
  return panel(
    'Where the time went',
    h(
      'div',
      { class: 'strip', 'aria-hidden': 'true' },
      rows.map(([name, , value]) => h('span', { class: name, vars: { '--share': value / (spent.totalMs || 1) } })),
    ),
    h(
      'dl',
      { class: 'legend' },
      rows.map(([name, text, value]) =>
        h(
          'div',
          {},
          h('dt', {}, h('span', { class: `dot ${name}`, 'aria-hidden': 'true' }), text),
          h(
            'dd',
            {},
            milliseconds(value),
            h('span', { class: 'quiet' }, ` ${percent(value / (spent.totalMs || 1), 0)}`),
          ),
        ),
      ),
    ),
    h('p', { class: 'total' }, 'In all ', h('strong', {}, milliseconds(spent.totalMs))),
  );
}

function remembered({ task, memory }) {
  return (
    memory &&
    panel(
      'What it remembered',
      h(
        'p',
        { class: 'quiet' },
        memory.steps.length ? `Before step ${memory.step} of its episode:` : 'Nothing: its episode began here.',
      ),
      h(
        'ol',
        { class: 'remembered' },
        memory.steps.map(({ step, decision, outputs }) =>
          h(
            'li',
            { value: step },
            h(
              'a',
              { href: `#/tasks/${encodeURIComponent(task)}/decisions/${encodeURIComponent(decision)}` },
              Object.entries(outputs)
                .map(([stage, output]) => `${stage}: ${brief(output)}`)
                .join('; '),
            ),
          ),
        ),
      ),
    )
  );
}

function stateOf(decision) {
  const drawn = picture(decision.task, decision.state);
  return panel(
    'The state',
    drawn,
    h('details', { open: !drawn }, h('summary', {}, 'As it was sent'), json(decision.state, 'State')),
  );
}
