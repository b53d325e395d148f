// Emergencies: a situation that no function covers is answered by a new one, pinned into the candidates; first one looks
// at what it would change, and later it is taken out again.

import { announce, h, replace } from '../dom.js';
import { exists, forget, get, path, post, query, remove, session } from '../api.js';
import { json } from '../code.js';
import { brief, number, plural, when } from '../format.js';
import {
  Refusal,
  action,
  asJson,
  chip,
  done,
  empty,
  endless,
  facts,
  failed,
  field,
  form,
  panel,
  select,
  table,
  title,
} from '../parts.js';
import { task as taskNamed, taskChooser } from '../tasks.js';
import { tabs } from './functions.js';

export async function page({ parts: [task], signal }) {
  const offered = session.may('author') && (await exists(path`/v1/tasks/${task}/emergencies`, signal));
  const [definition, chooser] = await Promise.all([taskNamed(task), taskChooser(task, 'emergency')]);
  return [
    title('Emergencies', chooser),
    tabs(task, 'emergency', offered),
    offered
      ? [standing(task, signal), author(task, definition, signal)]
      : empty(session.may('author') ? 'This platform takes no emergencies.' : 'This key may not author functions.'),
  ];
}

function standing(task, signal) {
  const address = path`/v1/tasks/${task}/emergencies`;
  return panel(
    'In force and before',
    endless((cursor) => get(query(address, { limit: 20, cursor }), { signal }), {
      item: (one) => entry(task, one),
      none: () => h('p', { class: 'quiet' }, 'There has been none.'),
    }),
  );
}

function entry(task, one) {
  const said = h('div', {});
  const active = one.status === 'active';
  const takeOut = async () => {
    try {
      await remove(path`/v1/tasks/${task}/emergencies/${one.id}`);
      forget();
      dispatchEvent(new HashChangeEvent('hashchange'));
    } catch (problem) {
      replace(said, failed(problem));
    }
  };
  const ends = one.endedAt ? `, ended ${when(one.endedAt)}` : one.expiresAt ? `, until ${when(one.expiresAt)}` : '';
  return h(
    'li',
    { class: 'emergency' },
    h('p', {}, chip(one.status, active ? 'running' : ''), ' ', h('strong', {}, one.situation)),
    h(
      'p',
      { class: 'quiet' },
      h(
        'a',
        { href: `#/tasks/${encodeURIComponent(task)}/functions/${encodeURIComponent(one.function)}` },
        one.function,
      ),
      ` in ${one.stage}, by ${one.createdBy}, ${when(one.createdAt)}${ends}`,
    ),
    active ? action('Take it out', takeOut) : null,
    said,
  );
}

const TEMPLATE = `function applies(state, earlier) {
  return true;
}

function run(state, earlier) {
  return {};
}`;

function author(task, definition, signal) {
  const address = path`/v1/tasks/${task}/emergencies`;
  const controls = controlsOf(definition);
  const next = h('div', {});
  const preview = async () => {
    const request = body(controls);
    const answer = await post(`${address}?preview=true`, request, { signal });
    announce('The impact is known');
    const confirm = form({ fields: [], submit: 'Put it in force', work: () => enforce(address, request) });
    replace(next, panel('What it would change', impact(task, answer), confirm));
    return h('p', { class: 'notice' }, 'Nothing is in force yet; see below.');
  };
  return [panel('A new situation', form({ fields: fieldsOf(controls), submit: 'Preview', work: preview })), next];
}

async function enforce(address, request) {
  const made = await post(address, request);
  forget();
  return done(`In force: ${made.function} is among the candidates of every decision from now on.`);
}

function controlsOf({ stages, stateSchema }) {
  const code = (rows, value) => h('textarea', { rows, spellcheck: 'false', value });
  const line = (placeholder) => h('input', { type: 'text', spellcheck: 'false', placeholder });
  const languages = Object.entries({ javascript: 'JavaScript', python: 'Python' });
  return {
    situation: h('textarea', { rows: '3', maxlength: '4000' }),
    stage: select(
      stages.map(({ name }) => [name, name]),
      stages.at(-1).name,
    ),
    examples: code('5', JSON.stringify(stateSchema.examples?.slice(0, 1) ?? [], null, 1)),
    name: line('stand_still'),
    handle: line('freeze'),
    manual: h('textarea', { rows: '2', maxlength: '1000', placeholder: 'When it applies: what it does.' }),
    language: select(languages, 'javascript'),
    source: code('10', TEMPLATE),
    expiresAt: h('input', { type: 'datetime-local' }),
  };
}

function fieldsOf(controls) {
  return [
    field('What has happened', controls.situation, 'In words, for whoever reads the record.'),
    h(
      'div',
      { class: 'pair' },
      field('Stage', controls.stage),
      field('Until', controls.expiresAt, 'Leave empty to take it out by hand.'),
    ),
    field(
      'States of the situation',
      controls.examples,
      'A JSON array of states, or of {"state": …, "earlier": …} where the stage needs what earlier ones put out.',
    ),
    h('h3', {}, 'The function that answers it'),
    h(
      'div',
      { class: 'pair' },
      field('Name', controls.name),
      field('Handle', controls.handle, 'One word that the small model knows.'),
      field('Language', controls.language),
    ),
    field('Manual', controls.manual),
    field(
      'Source',
      controls.source,
      'applies(state, earlier) says whether it is for a state; without it, it is for all.',
    ),
  ];
}

function body(controls) {
  const text = (name) => controls[name].value.trim();
  if (!text('situation')) {
    throw new Refusal('Say what has happened.');
  }
  if (!text('name') || !text('manual')) {
    throw new Refusal('The function needs a name and a manual.');
  }
  const states = asJson(text('examples') || '[]', 'The list of states');
  if (!Array.isArray(states)) {
    throw new Refusal('The states are a JSON array.');
  }
  const members = ['name', 'stage', 'handle', 'manual', 'language', 'source'];
  return {
    situation: text('situation'),
    stage: text('stage'),
    examples: states.map((one) => (one?.state ? one : { state: one })),
    function: Object.fromEntries(members.map((name) => [name, text(name)])),
    ...(text('expiresAt') ? { expiresAt: new Date(text('expiresAt')).toISOString() } : {}),
  };
}

function impact(task, { logged, generated, note }) {
  return [
    facts(
      ['Logged decisions looked at', number(logged.considered)],
      ['It applies to', number(logged.applies)],
      ['Changes', number(logged.changed)],
      logged.failed ? ['Fails on', number(logged.failed)] : null,
      ['Generated states', `${number(generated.applies)} of ${number(generated.found)}`],
    ),
    logged.unavailable ? h('p', { class: 'notice bad' }, logged.unavailable) : null,
    logged.changes.length ? changes(task, logged.changes) : null,
    generated.examples.length
      ? h(
          'details',
          {},
          h('summary', {}, plural(generated.examples.length, 'generated example')),
          generated.examples.map(example),
        )
      : null,
    h('p', { class: 'quiet' }, note),
  ];
}

function changes(task, list) {
  return table(
    'Decisions that would change',
    ['Decision', 'Chosen', 'Output', 'Would be'],
    list.map((one) => [
      h('a', { href: `#/tasks/${encodeURIComponent(task)}/decisions/${one.decision}` }, when(one.decidedAt)),
      one.chosen,
      brief(one.from),
      brief(one.to),
    ]),
  );
}

function example({ state, output, sameAs }) {
  return h(
    'details',
    {},
    h('summary', {}, brief(output), sameAs.length ? ` as ${sameAs.join(', ')} would` : ''),
    json(state, 'State'),
  );
}
