// One function: its manual, source and tests, and the ban.

import { h, replace } from '../dom.js';
import { exists, get, path, post, remove, session } from '../api.js';
import { json, source } from '../code.js';
import { brief, plural } from '../format.js';
import { button, chip, confirmWithReason, done, facts, failed, hash, panel, title } from '../parts.js';
import { marks } from './functions.js';

const LONG = 12;

export async function page({ parts: [task, name], signal }) {
  const address = path`/v1/tasks/${task}/functions/${name}`;
  const [found, bans] = await Promise.all([
    get(address, { signal }),
    session.may('author') ? exists(`${address}/bans`, signal) : false,
  ]);
  return [
    h(
      'p',
      { class: 'crumbs' },
      h('a', { href: `#/tasks/${encodeURIComponent(task)}/functions` }, `Functions of ${task}`),
    ),
    title(found.name, marks(found)),
    h('p', { class: 'manual lead' }, found.manual),
    facts(
      ['Stage', found.stage],
      ['Handle', h('code', {}, found.handle)],
      ['Language', found.language],
      ['Version', hash(found.version)],
    ),
    panel('Source', source(found.source, found.language)),
    tests(found.tests ?? []),
    bans ? ban(address, found) : null,
  ];
}

function tests(list) {
  const place = h('div', {});
  const show = (count) =>
    replace(
      place,
      list
        .slice(0, count)
        .map((test) =>
          h(
            'details',
            {},
            h('summary', {}, 'gives ', h('strong', {}, brief(test.output))),
            json(test.earlier ? { state: test.state, earlier: test.earlier } : test.state, 'Input of the test'),
          ),
        ),
      count < list.length
        ? h('button', { type: 'button', on: { click: () => show(list.length) } }, `Show all ${list.length}`)
        : null,
    );
  show(LONG);
  return panel(
    'Tests',
    h(
      'p',
      { class: 'quiet' },
      list.length
        ? `${plural(list.length, 'test')}; the function was admitted because it passes all of them in the sandbox.`
        : 'It has no tests of its own.',
    ),
    h('div', { class: 'tests' }, place),
  );
}

/** Whether it is banned is asked for only where the function itself does not say. */
function ban(address, found) {
  const said = h('div', {});
  const forbid = () =>
    change(said, 'Banned.', {
      heading: `Ban ${found.name}?`,
      text: 'Decisions stop choosing it at once.',
      confirm: 'Ban',
      work: (reason) => post(`${address}/bans`, reason ? { reason } : {}),
    });
  const allow = () =>
    change(said, 'The ban is lifted.', {
      heading: `Lift the ban of ${found.name}?`,
      text: 'It can be chosen again.',
      confirm: 'Lift the ban',
      work: () => remove(`${address}/bans`),
    });
  return panel(
    'Ban',
    h('p', { class: 'quiet' }, 'A banned function is never a candidate, whatever the search finds.'),
    found.banned ? chip('banned now', 'bad') : null,
    h(
      'div',
      { class: 'buttons' },
      found.banned === true ? null : button('Ban', forbid),
      found.banned === false ? null : button('Lift the ban', allow),
    ),
    said,
  );
}

async function change(said, after, { heading, text, confirm, work }) {
  const answer = await confirmWithReason(heading, text, confirm);
  if (!answer) {
    return;
  }
  try {
    await work(answer.reason);
    replace(said, done(after));
  } catch (problem) {
    replace(said, problem.absent ? h('p', { class: 'notice' }, problem.message) : failed(problem));
  }
}
