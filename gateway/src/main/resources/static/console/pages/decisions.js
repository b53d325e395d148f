// The log of decisions, newest first.

import { h } from '../dom.js';
import { get, path, query as withQuery } from '../api.js';
import { brief, milliseconds, shortHash, when } from '../format.js';
import { chip, empty, endless, title } from '../parts.js';
import { chooseTask, taskChooser } from '../tasks.js';

export async function page({ parts: [task], query, signal }) {
  if (!task) {
    return chooseTask('decisions', signal);
  }
  const episode = query.get('episode');
  const chooser = await taskChooser(task, 'decisions');
  const names = await studentNames(task, signal);
  const fetchPage = (cursor) =>
    get(withQuery(path`/v1/tasks/${task}/decisions`, { limit: 30, cursor, episode }), { signal });
  return [
    title('Decisions', chooser),
    episode
      ? h(
          'p',
          { class: 'filter' },
          'Of the episode ',
          h('code', {}, episode),
          ' · ',
          h('a', { href: `#/tasks/${encodeURIComponent(task)}/decisions` }, 'all of the task'),
        )
      : null,
    endless(fetchPage, {
      item: (decision) => row(task, decision, names),
      none: () =>
        empty(
          episode ? 'Nothing was decided in this episode.' : 'Nothing has been decided in this task yet.',
          h(
            'p',
            {},
            h('a', { href: '#/live' }, 'Play a game'),
            ' or ask by ',
            h('code', {}, `POST /v1/tasks/${task}/decisions`),
            '.',
          ),
        ),
    }),
  ];
}

async function studentNames(task, signal) {
  const page = await get(withQuery('/v1/students', { task, limit: 100 }), { signal }).catch(() => ({ items: [] }));
  return new Map(page.items.map(({ id, name }) => [id, name]));
}

function row(task, decision, names) {
  const by = new Set(decision.stages.map(({ decidedBy }) => decidedBy));
  return h(
    'li',
    {},
    h(
      'a',
      { class: 'decision-row', href: `#/tasks/${encodeURIComponent(task)}/decisions/${decision.id}` },
      h(
        'span',
        { class: 'what' },
        h('strong', {}, brief(decision.output)),
        h('span', { class: 'path' }, decision.stages.map(({ chosen }) => chosen ?? 'none').join(' → ')),
      ),
      h(
        'span',
        { class: 'chips' },
        [...by].map((one) => chip(wording(one), one)),
      ),
      h(
        'span',
        { class: 'quiet' },
        decision.student === 'none' ? '' : (names.get(decision.student) ?? shortHash(decision.student)),
      ),
      h('span', { class: 'quiet number' }, milliseconds(decision.timings.totalMs)),
      h('time', { class: 'quiet', datetime: decision.decidedAt }, when(decision.decidedAt)),
    ),
  );
}

/** Who made a choice, as people say it. */
export function wording(decidedBy) {
  return (
    { student: 'student', 'runner-up': 'runner-up', teacher: 'escalated', rule: 'imposed' }[decidedBy] ?? decidedBy
  );
}
