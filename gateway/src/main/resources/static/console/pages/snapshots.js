// The snapshots of a task: which is active, going back, and what differs between two.

import { announce, append, h, replace } from '../dom.js';
import { all, exists, forget, path, post, session } from '../api.js';
import { plural, when } from '../format.js';
import {
  action,
  chip,
  confirmWithReason,
  done,
  empty,
  eventually,
  failed,
  field,
  hash,
  panel,
  select,
  table,
  title,
} from '../parts.js';
import { snapshotDiff, lineDiff } from '../diff.js';
import { chooseTask, snapshot, taskChooser } from '../tasks.js';
import { tabs } from './functions.js';

export async function page({ parts: [task], signal }) {
  if (!task) {
    return chooseTask('snapshots', signal);
  }
  const [found, emergencies, chooser] = await Promise.all([
    all(path`/v1/tasks/${task}/snapshots`, { signal }),
    session.may('author') ? exists(path`/v1/tasks/${task}/emergencies`, signal) : false,
    taskChooser(task, 'snapshots'),
  ]);
  const list = found.sort((one, other) => other.number - one.number);
  return [
    title('Snapshots', chooser),
    tabs(task, 'snapshots', emergencies),
    h(
      'p',
      { class: 'quiet lead' },
      'An immutable list of functions. Every decision names the one it was made with; going back is activating an earlier one.',
    ),
    list.length
      ? [
          table(
            'Snapshots, newest first',
            ['Number', 'Snapshot', 'Functions', 'Published', 'By', ''],
            list.map((one) => row(task, one)),
            { numeric: [2] },
          ),
          publish(task),
          compare(task, list),
        ]
      : [empty('Nothing has been published yet.'), publish(task)],
  ];
}

function row(task, one) {
  return [
    `${one.number}`,
    hash(one.snapshot),
    one.functions,
    when(one.publishedAt),
    one.publishedBy ?? '–',
    one.active ? chip('active', 'good') : session.may('author') ? activation(task, one) : null,
  ];
}

function activation(task, one) {
  const place = h('span', {});
  return append(
    place,
    action('Activate', async () => {
      const answer = await confirmWithReason(
        `Activate snapshot ${one.number}?`,
        'Every decision from now on uses it; the one that is active stays in the list.',
        'Activate',
      );
      if (!answer) {
        return;
      }
      try {
        await post(
          path`/v1/tasks/${task}/snapshots/${one.snapshot}/activations`,
          answer.reason ? { reason: answer.reason } : {},
        );
        forget();
        announce(`Snapshot ${one.number} is active`);
        dispatchEvent(new HashChangeEvent('hashchange'));
      } catch (problem) {
        replace(place, failed(problem));
      }
    }),
  );
}

function publish(task) {
  if (!session.may('author')) {
    return null;
  }
  const said = h('div', {});
  return h(
    'div',
    { class: 'buttons spaced' },
    action('Publish the functions as they are now', async () => {
      try {
        const made = await post(path`/v1/tasks/${task}/snapshots`, {});
        replace(
          said,
          done(
            `Snapshot ${made.number} holds them${made.active ? ' and is active' : '; activate it to decide with it'}.`,
          ),
        );
      } catch (problem) {
        replace(said, failed(problem));
      }
    }),
    said,
  );
}

function compare(task, list) {
  if (list.length < 2) {
    return null;
  }
  const options = list.map((one) => [
    one.snapshot,
    `${one.number} · ${one.snapshot.slice(7, 15)}${one.active ? ' · active' : ''}`,
  ]);
  const place = h('div', {});
  const show = () =>
    replace(
      place,
      eventually(
        () => Promise.all([snapshot(task, older.value), snapshot(task, newer.value)]),
        ([one, other]) => difference(snapshotDiff(one, other), one, other),
      ),
    );
  const older = select(options, list[1].snapshot, show);
  const newer = select(options, list[0].snapshot, show);
  show();
  return panel('What differs', h('div', { class: 'pair' }, field('From', older), field('To', newer)), place);
}

function difference(found, older, newer) {
  if (!found.added.length && !found.removed.length && !found.changed.length && !found.definition) {
    return h('p', { class: 'notice' }, `Nothing: both hold the same ${plural(found.same, 'function')}.`);
  }
  return [
    h(
      'p',
      { class: 'quiet' },
      `${found.added.length} added, ${found.removed.length} removed, ${found.changed.length} changed, ${found.same} the same.`,
    ),
    found.definition
      ? detail(
          'The task’s definition',
          JSON.stringify(older.definition, null, 1),
          JSON.stringify(newer.definition, null, 1),
          'changed',
          'warn',
        )
      : null,
    found.changed.map(({ name, before, after }) => detail(name, textOf(before), textOf(after), 'changed', 'warn')),
    found.added.map((one) => detail(`${one.stage}/${one.name}`, '', textOf(one), 'added', 'good')),
    found.removed.map((one) => detail(`${one.stage}/${one.name}`, textOf(one), '', 'removed', 'bad')),
  ];
}

const textOf = (one) => `${one.manual}\n\nhandle: ${one.handle}${one.pinned ? '\npinned' : ''}\n\n${one.source}`;

function detail(name, older, newer, what, kind) {
  const place = h(
    'details',
    {
      on: {
        toggle: () => {
          if (place.open && place.children.length === 1) {
            const lines = lineDiff(older, newer).filter(([sign, line]) => line || sign === ' ');
            place.append(
              h(
                'pre',
                { class: 'source diff', tabindex: '0', role: 'region', 'aria-label': `Differences of ${name}` },
                lines.map(([sign, line]) =>
                  h('span', { class: { '+': 'plus', '-': 'minus' }[sign] ?? '' }, `${sign} ${line}\n`),
                ),
              ),
            );
          }
        },
      },
    },
    h('summary', {}, name, ' ', chip(what, kind)),
  );
  return place;
}
