// One function: its manual, source and tests, and the ban.

import { announce, h, replace } from '../dom.js';
import { get, path, post, query, remove, session } from '../api.js';
import { json, source } from '../code.js';
import { brief, plural, when } from '../format.js';
import { button, confirmWithReason, facts, failed, hash, panel, title } from '../parts.js';
import { marks } from './functions.js';

const LONG = 12;

export async function page({ parts: [task, name], signal }) {
  const address = path`/v1/tasks/${task}/functions/${name}`;
  const [found, bans] = await Promise.all([get(address, { signal }), bansOf(address, signal)]);
  return [
    h(
      'p',
      { class: 'crumbs' },
      h('a', { href: `#/tasks/${encodeURIComponent(task)}/functions` }, `Functions of ${task}`),
    ),
    title(found.name, marks({ ...found, banned: Boolean(standing(bans)) })),
    h('p', { class: 'manual lead' }, found.manual),
    facts(
      ['Stage', found.stage],
      ['Handle', h('code', {}, found.handle)],
      ['Language', found.language],
      ['Version', hash(found.version)],
    ),
    panel('Source', source(found.source, found.language)),
    tests(found.tests ?? []),
    bans ? banned(`${address}/bans`, found.name, bans) : null,
  ];
}

/** Every ban of the function, the newest first; null where the platform knows no bans. */
async function bansOf(address, signal) {
  try {
    return await get(`${address}/bans`, { signal });
  } catch (problem) {
    if (problem.absent) {
      return null;
    }
    throw problem;
  }
}

const standing = (bans) => bans?.find(({ liftedAt }) => !liftedAt);

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

function banned(address, name, bans) {
  const said = h('div', {});
  const forbid = () =>
    change(said, {
      heading: `Ban ${name}?`,
      text: 'Decisions stop choosing it at once, in every snapshot.',
      confirm: 'Ban',
      needed: true,
      work: (reason) => post(address, { reason }),
    });
  const allow = () =>
    change(said, {
      heading: `Lift the ban of ${name}?`,
      text: 'It can be chosen again.',
      confirm: 'Lift the ban',
      work: (reason) => remove(query(address, { reason })),
    });
  return panel(
    'Bans',
    h('p', { class: 'quiet' }, 'A banned function is never a candidate, whatever the search finds.'),
    bans.length ? h('ul', { class: 'history' }, bans.map(ban)) : null,
    session.may('author')
      ? h('div', { class: 'buttons' }, standing(bans) ? button('Lift the ban', allow) : button('Ban', forbid))
      : null,
    said,
  );
}

function ban({ reason, bannedBy, bannedAt, liftedBy, liftedAt, liftedBecause }) {
  const lifted = liftedAt
    ? `; lifted by ${liftedBy}, ${when(liftedAt)}${liftedBecause ? `: ${liftedBecause}` : ''}`
    : '';
  return h(
    'li',
    {},
    h('strong', {}, reason),
    h('span', { class: 'quiet' }, ` by ${bannedBy}, ${when(bannedAt)}${lifted}`),
  );
}

async function change(said, { heading, text, confirm, needed, work }) {
  const answer = await confirmWithReason(heading, text, confirm, { needed });
  if (!answer) {
    return;
  }
  try {
    await work(answer.reason);
    announce('Done');
    dispatchEvent(new HashChangeEvent('hashchange'));
  } catch (problem) {
    replace(said, failed(problem));
  }
}
