// An emergency: a situation that no function covers becomes a function, pinned into the candidates; first one looks at
// what it would change.

import { announce, h, replace } from '../dom.js';
import { exists, get, path, post, session } from '../api.js';
import { json } from '../code.js';
import { Refusal, asJson, chip, empty, facts, field, form, panel, select, title } from '../parts.js';
import { task as taskNamed, taskChooser } from '../tasks.js';
import { tabs } from './functions.js';

export async function page({ parts: [task], signal }) {
  const offered = session.may('author') && (await exists(path`/v1/tasks/${task}/emergencies`, signal));
  const [definition, chooser] = await Promise.all([taskNamed(task), taskChooser(task, 'emergency')]);
  return [
    title('Emergency', chooser),
    tabs(task, 'emergency', offered),
    offered
      ? author(task, definition, signal)
      : empty(session.may('author') ? 'This platform takes no emergencies.' : 'This key may not author functions.'),
  ];
}

const TEMPLATE = `function run(state, earlier) {
  return {};
}`;

function author(task, definition, signal) {
  const controls = controlsOf(definition);
  const next = h('div', {});
  const preview = async () => {
    const request = body(controls);
    const answer = await post(`${path`/v1/tasks/${task}/emergencies`}?preview=true`, request, { signal });
    announce('The impact is known');
    const enforce = async () => followed(task, await post(path`/v1/tasks/${task}/emergencies`, request), signal);
    const confirm = form({ fields: [], submit: 'Put it in force', work: enforce });
    replace(next, panel('What it would change', impact(answer), confirm));
    return h('p', { class: 'notice' }, 'Nothing is in force yet; see below.');
  };
  return [panel('The situation', form({ fields: fieldsOf(controls), submit: 'Preview', work: preview })), next];
}

function controlsOf({ stages, stateSchema }) {
  const text = (rows, more = {}) => h('textarea', { rows, spellcheck: 'false', ...more });
  const line = (placeholder) => h('input', { type: 'text', spellcheck: 'false', placeholder });
  const languages = Object.entries({ javascript: 'JavaScript', python: 'Python' });
  return {
    situation: h('textarea', { rows: '3', maxlength: '2000' }),
    stage: select(
      stages.map(({ name }) => [name, name]),
      stages.at(-1).name,
    ),
    states: text('4', { value: JSON.stringify(stateSchema.examples?.slice(0, 1) ?? [], null, 1) }),
    name: line('stand_still'),
    handle: line('freeze'),
    manual: h('textarea', { rows: '2', maxlength: '1000', placeholder: 'When it applies: what it does.' }),
    language: select(languages, 'javascript'),
    source: text('10', { value: TEMPLATE }),
  };
}

function fieldsOf(controls) {
  return [
    field('What has happened', controls.situation, 'In words, as the manual of the new function should meet it.'),
    field('States in which it applies', controls.states, 'A JSON array; the first is an example of the task.'),
    field('Stage', controls.stage),
    h(
      'details',
      {},
      h('summary', {}, 'Bring the function yourself'),
      h(
        'div',
        { class: 'pair' },
        field('Name', controls.name),
        field('Handle', controls.handle, 'One word that the small model knows.'),
        field('Language', controls.language),
      ),
      field('Manual', controls.manual),
      field('Source', controls.source),
    ),
  ];
}

function body(controls) {
  const text = (name) => controls[name].value.trim();
  const states = asJson(text('states') || '[]', 'The list of states');
  if (!text('situation')) {
    throw new Refusal('Say what has happened.');
  }
  if (!Array.isArray(states)) {
    throw new Refusal('The states are a JSON array.');
  }
  const request = { situation: text('situation'), stage: text('stage'), states };
  if (text('name')) {
    request.function = Object.fromEntries(
      ['name', 'stage', 'handle', 'manual', 'language', 'source'].map((name) => [name, text(name)]),
    );
  }
  return request;
}

function impact(answer) {
  const plain = Object.entries(answer ?? {}).filter(([, value]) =>
    ['number', 'string', 'boolean'].includes(typeof value),
  );
  return [
    plain.length ? facts(...plain.map(([name, value]) => [name, String(value)])) : null,
    h('details', {}, h('summary', {}, 'All of it'), json(answer, 'Impact')),
  ];
}

/** Asks after a resource that is still being made, until it is done. */
async function followed(task, made, signal) {
  let now = made;
  while (now?.id && /^(queued|running|pending|generating|verifying)$/.test(now.state ?? '')) {
    await new Promise((goOn) => setTimeout(goOn, 1000));
    now = await get(path`/v1/tasks/${task}/emergencies/${now.id}`, { signal });
  }
  return h('div', { class: 'notice good' }, 'In force. ', now?.state ? chip(now.state) : null, json(now, 'Emergency'));
}
