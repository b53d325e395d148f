// What a dataset teaches: how often each function was offered and chosen, stage by stage.

import { h } from '../dom.js';
import { get, path } from '../api.js';
import { moment, number, percent, plural } from '../format.js';
import { empty, facts, hash, panel, table, title } from '../parts.js';

export async function page({ parts: [id], signal }) {
  const address = path`/v1/datasets/${id}`;
  const [dataset, profile, versions] = await Promise.all([
    get(address, { signal }),
    get(`${address}/profile`, { signal }),
    get(`${address}/versions`, { signal }),
  ]);
  return [
    h('p', { class: 'crumbs' }, h('a', { href: '#/distillation' }, 'Distillation')),
    title(dataset.name),
    facts(
      ['Task', dataset.task],
      ['Rows', number(dataset.rows)],
      ['Held out', percent(dataset.heldOut, 0)],
      ['Made', `${moment(dataset.createdAt)} by ${dataset.createdBy}`],
    ),
    profile.stages.length ? profile.stages.map(stage) : empty('It holds no rows yet.'),
    panel(
      'Versions',
      versions.items.length
        ? table(
            'Versions, newest first',
            ['Version', 'Rows', 'Hash'],
            versions.items.map((one) => [one.version ?? one.number, number(one.rows), hash(one.sha256)]),
            { numeric: [1] },
          )
        : h('p', { class: 'quiet' }, 'None is sealed; a job needs one.'),
    ),
  ];
}

function stage(one) {
  const most = Math.max(1, ...one.functions.map(({ offered }) => offered));
  const functions = [...one.functions].sort((a, b) => b.chosen - a.chosen);
  return panel(
    one.stage,
    h(
      'p',
      { class: 'quiet' },
      `${plural(one.rows, 'row')} of ${plural(one.episodes, 'episode')}, ${number(one.heldOut)} held out; balance ${number(one.balance, 2)} (1 is even).`,
    ),
    h(
      'ul',
      { class: 'profile', 'aria-label': `Functions of ${one.stage}` },
      functions.map((each) =>
        h(
          'li',
          {},
          h('span', { class: 'name' }, each.function),
          h(
            'span',
            {
              class: 'profile-bar',
              'aria-hidden': 'true',
              vars: { '--offered': each.offered / most, '--chosen': each.chosen / most },
            },
            h('span', { class: 'offered' }),
            h('span', { class: 'chosen' }),
          ),
          h(
            'span',
            { class: 'number' },
            number(each.chosen),
            h('span', { class: 'quiet' }, ` of ${number(each.offered)} offered`),
          ),
        ),
      ),
    ),
  );
}
