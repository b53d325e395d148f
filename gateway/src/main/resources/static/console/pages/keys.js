// Keys, tenants and the record of who changed them. Only what the caller may grant is offered.

import { announce, append, h, replace } from '../dom.js';
import { exists, get, path, post, query, remove, session } from '../api.js';
import { moment, when } from '../format.js';
import {
  Refusal,
  action,
  button,
  chip,
  confirmWithReason,
  done,
  empty,
  endless,
  facts,
  failed,
  field,
  form,
  panel,
  select,
  title,
} from '../parts.js';

/** As the gateway knows them; a role is offered only to who has all that it gives. */
const ROLES = {
  viewer: ['view'],
  decider: ['view', 'decide'],
  author: ['view', 'decide', 'author'],
  operator: ['view', 'decide', 'operate'],
  admin: ['view', 'decide', 'author', 'operate', 'admin'],
};

const OVERLAPS = [
  ['3600', 'an hour'],
  ['86400', 'a day'],
  ['604800', 'a week'],
  ['0', 'no time: it ends now'],
];

const LOOK_MS = 2000;

const KINDS = { active: 'good', expired: 'warn', revoked: 'bad' };

export async function page({ signal }) {
  if (!session.may('admin')) {
    return [title('Keys'), empty('This key may not look after keys.')];
  }
  if (!(await exists('/v1/keys?limit=1', signal))) {
    return [
      title('Keys'),
      empty(
        'This gateway has no database to keep keys in.',
        h('p', { class: 'quiet' }, 'Its keys are those of the file that PLATFORM_KEYS_FILE names.'),
      ),
    ];
  }
  return [
    title('Keys'),
    h(
      'p',
      { class: 'quiet lead' },
      'Each program and person has a key of its own, so that one can be taken away without the others. Keys of the operator’s file are not listed.',
    ),
    panel('A new key', maker(signal)),
    panel('Keys, newest first', list(signal)),
    panel(mayLookAfterAll() ? 'Tenants' : 'Tenant', tenants(signal)),
    panel('What was changed', record(signal)),
  ];
}

const mayLookAfterAll = () => session.caller.tenant === '*';

/** Whoever may do anything for people may read as well. */
const holds = (scope) => session.may(scope) || (scope === 'view' && session.caller.scopes.some((one) => one !== 'work'));

function grants() {
  const roles = Object.entries(ROLES)
    .filter(([, scopes]) => scopes.every(holds))
    .map(([role, scopes]) => [role, `${role}: ${scopes.join(', ')}`]);
  return holds('work') ? [...roles, ['worker', 'training worker: work']] : roles;
}

function maker(signal) {
  const name = h('input', { type: 'text', spellcheck: 'false', autocomplete: 'off', maxlength: '64', placeholder: 'shop' });
  const role = select(grants(), 'decider');
  const ends = h('input', { type: 'datetime-local' });
  const reason = h('input', { type: 'text', maxlength: '1000' });
  const tenant = h('input', { type: 'text', spellcheck: 'false', autocomplete: 'off', maxlength: '64' });
  const shown = h('div', { class: 'fresh' });
  const work = async () => {
    if (!/^[a-z][a-z0-9_-]{0,63}$/.test(name.value.trim())) {
      throw new Refusal('A name is lower-case letters, digits, - and _, and begins with a letter.');
    }
    const made = await post('/v1/keys', {
      name: name.value.trim(),
      ...(role.value === 'worker' ? { scopes: ['work'] } : { role: role.value }),
      ...(ends.value ? { expiresAt: new Date(ends.value).toISOString() } : {}),
      ...(reason.value.trim() ? { reason: reason.value.trim() } : {}),
      ...(tenant.value.trim() ? { tenant: tenant.value.trim() } : {}),
    }, { signal });
    replace(shown, secret(made, 'The key is made.'));
    name.value = '';
    refresh();
    return null;
  };
  return [
    form({
      fields: [
        h(
          'div',
          { class: 'pair' },
          field('Name', name, 'Who will use it; the record of changes says it.'),
          field('May', role),
        ),
        h(
          'div',
          { class: 'pair' },
          field('Ends', ends, 'Leave empty for a key without an end.'),
          field('Reason', reason, 'Kept in the record.'),
        ),
        mayLookAfterAll() ? field('Tenant', tenant, 'Empty for a key that looks after all tenants.') : null,
      ],
      submit: 'Make the key',
      work,
    }),
    shown,
  ];
}

/** The one time that a secret is seen. */
function secret({ secret: whole, key }, said) {
  const value = h('input', { type: 'text', readonly: true, class: 'secret', value: whole });
  const copied = h('span', { class: 'quiet', role: 'status' });
  const copy = async () => {
    value.select();
    try {
      await navigator.clipboard.writeText(whole);
      replace(copied, 'Copied.');
    } catch {
      replace(copied, 'Select and copy it by hand.');
    }
  };
  const place = h(
    'div',
    { class: 'notice good' },
    h('p', {}, said, ' This is the only time that it is shown.'),
    field(`Secret of ${key.name}`, value),
    key.previousValidUntil
      ? h('p', {}, 'The one before opens until ', h('strong', {}, moment(key.previousValidUntil)), '.')
      : null,
    h('div', { class: 'buttons' }, button('Copy', copy), button('Hide it', () => place.remove()), copied),
  );
  announce(said);
  return place;
}

let listed;
let recorded;

function list(signal) {
  listed = h('div', {});
  fillList(signal);
  return listed;
}

function fillList(signal) {
  replace(
    listed,
    endless((cursor) => get(query('/v1/keys', { limit: 20, cursor }), { signal }), {
      list: () => h('ul', { class: 'keys' }),
      item: (key) => append(h('li', {}), entry(key)),
      none: () => h('p', { class: 'quiet' }, 'None has been made yet.'),
    }),
  );
}

function fillRecord(signal) {
  replace(
    recorded,
    endless((cursor) => get(query('/v1/audit', { limit: 20, cursor }), { signal }), {
      list: () => h('ul', { class: 'changes' }),
      item: change,
      none: () => h('p', { class: 'quiet' }, 'Nothing yet.'),
    }),
  );
}

/** What has changed shows at once; a page that was left changes nothing. */
function refresh() {
  fillList();
  fillRecord();
}

function entry(key) {
  const said = h('div', {});
  const many = mayLookAfterAll();
  return [
    h(
      'p',
      { class: 'key-head' },
      h('strong', {}, key.name),
      many ? chip(key.tenant) : null,
      chip(key.state, KINDS[key.state]),
      h('code', {}, `${key.prefix}…`),
    ),
    facts(
      ['May', key.role ?? key.scopes.join(', ')],
      ['Last used', key.lastUsedAt ? when(key.lastUsedAt) : 'never'],
      ['Ends', key.revokedAt ? `${when(key.revokedAt)}, by ${key.revokedBy}` : key.expiresAt ? moment(key.expiresAt) : 'never'],
      ['Made', `${when(key.createdAt)}, by ${key.createdBy}`],
      key.previousValidUntil ? ['Secret before opens until', moment(key.previousValidUntil)] : null,
    ),
    key.state === 'active' ? h('div', { class: 'buttons' }, rotation(key, said), revocation(key, said)) : null,
    said,
  ];
}

function rotation(key, said) {
  // A new secret of a key that may do more would be a grant.
  if (!key.scopes.every(holds)) {
    return null;
  }
  return action('Rotate', async () => {
    const overlap = select(OVERLAPS, '3600');
    const control = form({
      fields: [field('The secret that is in use goes on to open for', overlap)],
      submit: 'Make a new secret',
      work: async () => {
        const made = await post(path`/v1/keys/${key.id}/rotations`, { overlapSeconds: Number(overlap.value) });
        replace(said, secret(made, `${key.name} has a new secret.`));
        fillRecord();
        return null;
      },
    });
    replace(said, control);
    overlap.focus();
  }, { 'aria-label': `Rotate ${key.name}` });
}

function revocation(key, said) {
  return action('Revoke', async (pressed) => {
    const answer = await confirmWithReason(
      `Revoke ${key.name}?`,
      'Whoever uses it is refused from now on. A revoked key does not come back.',
      'Revoke',
    );
    if (!answer) {
      return;
    }
    try {
      const revoked = await remove(query(path`/v1/keys/${key.id}`, { reason: answer.reason }));
      const place = pressed.closest('li');
      replace(place, entry(revoked), done(`${key.name} is revoked.`));
      fillRecord();
    } catch (problem) {
      replace(said, failed(problem));
    }
  }, { 'aria-label': `Revoke ${key.name}` });
}

function tenants(signal) {
  const place = h('div', {});
  const show = () =>
    replace(
      place,
      endless((cursor) => get(query('/v1/tenants', { limit: 50, cursor }), { signal }), {
        list: () => h('ul', { class: 'chips' }),
        item: ({ name, createdAt, createdBy }) =>
          h('li', {}, h('span', { class: 'chip', title: `Since ${moment(createdAt)}, by ${createdBy}` }, name)),
        none: () => h('p', { class: 'quiet' }, 'There are none yet.'),
      }),
    );
  show();
  if (!mayLookAfterAll()) {
    return place;
  }
  const name = h('input', { type: 'text', spellcheck: 'false', autocomplete: 'off', maxlength: '64' });
  return [
    place,
    form({
      fields: [field('A new tenant', name, 'Its tasks, functions, students and decisions are seen by its own keys only.')],
      submit: 'Make the tenant',
      quiet: true,
      work: async () => {
        const made = await post('/v1/tenants', { name: name.value.trim() });
        name.value = '';
        show();
        fillRecord();
        return done(`There is a tenant ${made.name}.`);
      },
    }),
    deletion(signal, show),
  ];
}

/** Everything of a tenant, in every service. Its name is typed: there is no way back but a backup. */
function deletion(signal, show) {
  const name = h('input', { type: 'text', spellcheck: 'false', autocomplete: 'off', maxlength: '64' });
  return form({
    fields: [field('The tenant to delete', name, 'Everything of it: keys, tasks, functions, students, datasets, decisions.')],
    submit: 'Delete all of it',
    quiet: true,
    work: async () => {
      const tenant = name.value.trim();
      const answer = await confirmWithReason(
        `Delete everything of ${tenant}?`,
        'Its keys open nothing from now on. What is deleted comes back from a backup or an export only.',
        'Delete',
      );
      if (!answer) {
        return null;
      }
      let found = await remove(query(path`/v1/tenants/${tenant}`, { reason: answer.reason }));
      name.value = '';
      show();
      refresh();
      while (found.state === 'running' && !signal.aborted) {
        await new Promise((goOn) => setTimeout(goOn, LOOK_MS));
        found = await get(path`/v1/tenants/${tenant}/deletion`, { signal });
      }
      fillRecord();
      return done(`Nothing of ${tenant} is left: ${found.services.map(proof).join('; ')}.`);
    },
  });
}

function proof({ service, before, after }) {
  const rows = (held) => Object.values(held.rows).reduce((sum, count) => sum + count, 0);
  return `${service} had ${rows(before)} rows and ${before.files} files, now ${rows(after)} and ${after.files}`;
}

function record(signal) {
  recorded = h('div', {});
  fillRecord(signal);
  return recorded;
}

function change({ at, by, action: what, tenant, detail, subject, reason }) {
  return h(
    'li',
    {},
    h('time', { datetime: at }, when(at)),
    ' ',
    chip(what.replace('-', ' ')),
    ' ',
    h('span', {}, detail ?? subject),
    h('span', { class: 'quiet' }, ` by ${by}${mayLookAfterAll() ? ` in ${tenant}` : ''}${reason ? `: ${reason}` : ''}`),
  );
}
