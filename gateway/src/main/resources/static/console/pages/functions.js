// The functions of a task: what there is, and what a state or a few words would find.

import { announce, h, replace } from '../dom.js';
import { all, exists, path, post, session } from '../api.js';
import { number, plural } from '../format.js';
import { asJson, bar, chip, empty, field, form, panel, select, title } from '../parts.js';
import { chooseTask, task as taskNamed, taskChooser } from '../tasks.js';

export async function page({ parts: [task], signal }) {
  if (!task) {
    return chooseTask('functions', signal);
  }
  const [definition, functions, emergencies, chooser] = await Promise.all([
    taskNamed(task),
    all(path`/v1/tasks/${task}/functions`, { signal, most: 5000 }),
    session.may('author') ? exists(path`/v1/tasks/${task}/emergencies`, signal) : false,
    taskChooser(task, 'functions'),
  ]);
  return [
    title('Functions', chooser),
    tabs(task, 'functions', emergencies),
    h('p', { class: 'quiet lead' }, definition.rules),
    functions.length
      ? [browser(task, definition, functions), searcher(task, definition, functions)]
      : empty(
          'This task has no functions yet.',
          h('p', {}, 'They are admitted with ', h('code', {}, `POST /v1/tasks/${task}/functions`), '.'),
        ),
  ];
}

export function tabs(task, current, emergencies) {
  const base = `#/tasks/${encodeURIComponent(task)}`;
  const links = [
    ['functions', 'Functions'],
    ['snapshots', 'Snapshots'],
    emergencies ? ['emergency', 'Emergencies'] : null,
  ].filter(Boolean);
  return h(
    'nav',
    { class: 'tabs', 'aria-label': 'Of this task' },
    links.map(([page, text]) =>
      h('a', { href: `${base}/${page}`, 'aria-current': page === current ? 'page' : null }, text),
    ),
  );
}

const LONG = 60;

function browser(task, definition, functions) {
  const input = h('input', { type: 'search', placeholder: 'Name or words of the manual', on: { input: () => show() } });
  const place = h('div', {});
  const count = h('p', { class: 'quiet', role: 'status' });
  let open = new Set();
  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = functions.filter((one) =>
      words.every((word) => `${one.name} ${one.handle} ${one.manual}`.toLowerCase().includes(word)),
    );
    count.textContent = words.length ? `${fits.length} of ${functions.length}` : plural(functions.length, 'function');
    replace(
      place,
      definition.stages.map(({ name, instruction, k }) => {
        const own = fits.filter(({ stage }) => stage === name);
        const some = open.has(name) ? own : own.slice(0, LONG);
        return own.length
          ? h(
              'section',
              { class: 'group' },
              h('h3', {}, name, h('span', { class: 'quiet' }, ` ${instruction} The best ${k} are candidates.`)),
              h(
                'ul',
                { class: 'rows' },
                some.map((one) => row(task, one)),
              ),
              some.length < own.length
                ? h(
                    'div',
                    { class: 'more' },
                    h(
                      'button',
                      {
                        type: 'button',
                        on: {
                          click: () => {
                            open = open.add(name);
                            show();
                          },
                        },
                      },
                      `Show all ${number(own.length)}`,
                    ),
                  )
                : null,
            )
          : null;
      }),
      fits.length ? null : empty('No function has these words.'),
    );
  };
  show();
  return panel(null, field('Find a function', input), count, place);
}

function row(task, one) {
  return h(
    'li',
    {},
    h(
      'a',
      { class: 'function-row', href: `#/tasks/${encodeURIComponent(task)}/functions/${encodeURIComponent(one.name)}` },
      h('span', {}, h('strong', {}, one.name), ' ', marks(one)),
      h('span', { class: 'quiet' }, one.manual),
    ),
  );
}

export function marks(one) {
  return [one.pinned ? chip('pinned', 'pinned') : null, one.banned ? chip('banned', 'bad') : null];
}

/** The search that inference uses, by hand: words or a state in, scores out. */
function searcher(task, definition, functions) {
  const stage = select(
    definition.stages.map(({ name }) => [name, name]),
    definition.stages[0].name,
  );
  const words = h('input', { type: 'text', placeholder: 'target close to the south, beside a wall' });
  const state = h('textarea', { rows: '5', spellcheck: 'false' });
  state.value = JSON.stringify(definition.stateSchema.examples?.[0] ?? {}, null, 1);
  const earlier = h('textarea', { rows: '2', spellcheck: 'false', placeholder: '{"stage": {…}}' });
  return panel(
    'What would be found',
    h('p', { class: 'quiet' }, 'The search that picks the candidates of a decision: meaning and words together.'),
    form({
      fields: [
        h(
          'div',
          { class: 'pair' },
          field('Stage', stage),
          field('In words', words, 'Leave empty to search by the state.'),
        ),
        h(
          'details',
          {},
          h('summary', {}, 'By a state instead'),
          field('State', state),
          field('What earlier stages put out', earlier, 'Only where the stage’s view needs it.'),
        ),
      ],
      submit: 'Search',
      quiet: true,
      work: async () => {
        const view = words.value.trim();
        const before = earlier.value.trim();
        const found = await post(path`/v1/tasks/${task}/searches`, {
          stage: stage.value,
          k: 12,
          ...(view
            ? { view }
            : { state: asJson(state.value, 'The state'), ...(before ? { earlier: asJson(before, 'Earlier') } : {}) }),
        });
        announce(`${found.candidates.length} found`);
        return hits(task, found.candidates, view, functions);
      },
    }),
  );
}

function hits(task, candidates, view, functions) {
  if (!candidates.length) {
    return empty('Nothing was found.');
  }
  const known = new Map(functions.map((one) => [one.name, one]));
  const asked = new Set(wordsOf(view));
  const most = candidates[0].score || 1;
  return h(
    'ol',
    { class: 'hits' },
    candidates.map((one) =>
      h(
        'li',
        {},
        h(
          'div',
          { class: 'hit-head' },
          h(
            'a',
            { href: `#/tasks/${encodeURIComponent(task)}/functions/${encodeURIComponent(one.function)}` },
            one.function,
          ),
          h('span', { class: 'number quiet' }, number(one.score, 3)),
        ),
        bar(one.score / most, 'strong'),
        h('p', { class: 'quiet' }, marked(known.get(one.function)?.manual ?? '', asked)),
      ),
    ),
  );
}

const COMMON = new Set('a an and are at be by for from in is it of on or the to with whatever'.split(' '));
const wordsOf = (text) =>
  text
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu)
    ?.filter((word) => !COMMON.has(word)) ?? [];

/** The manual with the words that were asked for marked: the part of a score that can be seen. */
function marked(manual, asked) {
  return manual
    .split(/([\p{L}\p{N}]+)/u)
    .map((piece) => (asked.has(piece.toLowerCase()) ? h('mark', {}, piece) : piece));
}
