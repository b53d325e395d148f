// One decision, explained: what was seen, what could have been chosen, what was, and what came of it.

import { announce, h, replace } from '../dom.js';
import { get, once, path, post, query, session } from '../api.js';
import { json, source } from '../code.js';
import { brief, milliseconds, moment, percent, plural, probability, shortHash } from '../format.js';
import { Refusal, action, bar, chip, done, eventually, facts, failed, field, form, hash, panel, select, title } from '../parts.js';
import { snapshot } from '../tasks.js';
import { picture } from '../games/draw.js';
import { wording } from './decisions.js';

export async function page({ parts: [task, id], signal }) {
  const decision = await get(path`/v1/decisions/${id}`, { signal });
  const functions = once(path`/v1/tasks/${decision.task}/snapshots/${decision.snapshot}`).then(
    (found) => new Map(found.functions.map((one) => [`${one.stage}/${one.name}`, one])));
  return [
    h('p', { class: 'crumbs' }, h('a', { href: `#/tasks/${encodeURIComponent(task)}/decisions` }, `Decisions of ${task}`)),
    title(`Decided: ${brief(decision.output)}`, share()),
    summary(decision, signal),
    h('ol', { class: 'flow', 'aria-label': 'Stages' },
      decision.stages.map((stage, index) => h('li', {}, stageOf(stage, index, decision, functions)))),
    h('div', { class: 'columns' }, timings(decision.timings), stateOf(decision)),
    again(decision),
    await feedback(decision, signal),
  ];
}

function share() {
  const said = h('span', { role: 'status', class: 'quiet' });
  const link = h('input', { type: 'text', readonly: true, 'aria-label': 'Link to this decision', value: location.href, hidden: true });
  return [link, action('Copy link', async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      replace(said, 'Copied');
    } catch {
      link.hidden = false;
      link.select();
    }
  }, { class: 'ghost' }), said];
}

function summary(decision, signal) {
  const student = h('span', {}, hash(decision.student));
  if (decision.student === 'none') {
    replace(student, 'none: every choice was imposed');
  } else {
    get(path`/v1/students/${decision.student}`, { signal }).then(
      ({ name }) => replace(student, `${name} `, hash(decision.student)), () => {});
  }
  return facts(
    ['When', h('time', { datetime: decision.decidedAt }, moment(decision.decidedAt))],
    ['Took', milliseconds(decision.timings.totalMs)],
    ['Student', student],
    ['Snapshot', hash(decision.snapshot)],
    decision.episode ? ['Episode', h('a', { href: query(`#/tasks/${encodeURIComponent(decision.task)}/decisions`,
      { episode: decision.episode }) }, `${decision.episode.slice(0, 8)}…`)] : null,
  );
}

function stageOf(stage, index, decision, functions) {
  const shown = h('div', { class: 'chosen-function' });
  const buttons = [];
  const pick = (name) => {
    buttons.forEach((button) => button.setAttribute('aria-pressed', String(button.dataset.name === name)));
    replace(shown, eventually(() => functions, (found) => functionOf(found.get(`${stage.stage}/${name}`), name, stage),
      'Loading the function'));
  };
  const list = candidates(stage, (name) => pick(name), buttons);
  pick(stage.chosen);
  return h('section', { class: 'panel stage', 'aria-label': `Stage ${stage.stage}` },
    h('div', { class: 'stage-head' }, h('span', { class: 'ordinal', 'aria-hidden': 'true' }, index + 1),
      h('h2', {}, stage.stage), chip(`by ${wording(stage.decidedBy)}`, stage.decidedBy), stage.way ? chip(stage.way) : null),
    h('blockquote', { class: 'view' }, h('span', { class: 'label' }, 'What was read'), stage.view),
    h('div', { class: 'stage-body' },
      h('div', {}, h('h3', {}, plural(stage.candidates.length, 'candidate')), list), shown),
    h('p', { class: 'output' }, h('span', { class: 'label' }, 'Output'), h('strong', {}, brief(stage.output))));
}

function candidates(stage, pick, buttons) {
  const scored = stage.candidates.some((one) => Number.isFinite(one.probability));
  const sorted = [...stage.candidates].sort((one, other) => (other.probability ?? -1) - (one.probability ?? -1)
    || Number(other.function === stage.chosen) - Number(one.function === stage.chosen));
  const rows = sorted.map((one) => {
    const button = h('button', { type: 'button', class: 'candidate', 'data-name': one.function, 'aria-pressed': 'false',
      on: { click: () => pick(one.function) } },
      h('span', { class: 'name' }, one.function, one.function === stage.chosen ? h('span', { class: 'mark' }, ' ✓ chosen') : null),
      one.origin === 'all' ? null : h('span', { class: 'quiet origin' }, one.origin),
      scored ? h('span', { class: 'number' }, probability(one.probability)) : null,
      scored ? bar(one.probability, one.function === stage.chosen ? 'strong' : '') : null);
    buttons.push(button);
    return h('li', {}, button);
  });
  const none = Number.isFinite(stage.none) ? h('li', {}, h('div', { class: 'candidate none' },
    h('span', { class: 'name' }, 'none of these'), h('span', { class: 'number' }, probability(stage.none)), bar(stage.none))) : null;
  return [h('ul', { class: 'candidates' }, rows, none),
    scored ? null : h('p', { class: 'quiet' }, 'The choice was imposed by the caller, so no model was asked and there are no probabilities.')];
}

function functionOf(found, name, stage) {
  if (!found) {
    return h('p', { class: 'quiet' }, `${name} is not in the decision's snapshot.`);
  }
  return [
    h('h3', {}, name, name === stage.chosen ? null : chip('not chosen')),
    h('p', { class: 'manual' }, found.manual),
    source(found.source, found.language, `Source of ${name}`),
  ];
}

const STEPS = [['retrieveMs', 'Find candidates'], ['prefillMs', 'Ask the model'], ['executeMs', 'Run functions'], ['logMs', 'Log']];

function timings(spent) {
  const known = STEPS.filter(([name]) => Number.isFinite(spent[name]));
  const other = spent.totalMs - known.reduce((sum, [name]) => sum + spent[name], 0);
  const rows = [...known.map(([name, text]) => [name, text, spent[name]]), ['other', 'Everything else', Math.max(0, other)]];
  return panel('Where the time went',
    h('div', { class: 'strip', 'aria-hidden': 'true' }, rows.map(([name, , value]) =>
      h('span', { class: name, vars: { '--share': value / (spent.totalMs || 1) } }))),
    h('dl', { class: 'legend' }, rows.map(([name, text, value]) => h('div', {},
      h('dt', {}, h('span', { class: `dot ${name}`, 'aria-hidden': 'true' }), text),
      h('dd', {}, milliseconds(value), h('span', { class: 'quiet' }, ` ${percent(value / (spent.totalMs || 1), 0)}`))))),
    h('p', { class: 'total' }, 'In all ', h('strong', {}, milliseconds(spent.totalMs))));
}

function stateOf(decision) {
  const drawn = picture(decision.task, decision.state);
  return panel('The state', drawn,
    h('details', { open: !drawn }, h('summary', {}, 'As it was sent'), json(decision.state, 'State')));
}

/** Replays and counterfactuals ask no model, but they run functions, so they need the scope that decisions do. */
function again(decision) {
  if (!session.may('decide')) {
    return null;
  }
  const result = h('div', { class: 'result' });
  const run = (ask, show) => async () => {
    try {
      replace(result, show(await ask()));
    } catch (problem) {
      replace(result, failed(problem));
    }
  };
  return panel('Again, and otherwise',
    h('p', { class: 'quiet' }, 'Both run the recorded functions on the recorded state; no model is asked, nothing is logged as a decision.'),
    h('div', { class: 'buttons' },
      action('Replay', run(() => post(path`/v1/decisions/${decision.id}/replays`), replayed)),
      action('Had another been chosen', run(
        () => post(path`/v1/decisions/${decision.id}/counterfactuals`, { runnersUp: 5 }), otherwise))),
    result);
}

function replayed(report) {
  const differing = report.stages.filter(({ same }) => !same);
  return report.same
    ? done(`The same again: ${brief(report.output)}, and every stage saw the same words.`)
    : h('div', { class: 'notice bad' }, h('p', {}, 'It came out differently.'),
      h('ul', {}, differing.map((stage) => h('li', {}, `${stage.stage}, ${stage.function}: ${stage.cause ?? 'another result'}. `,
        `Recorded ${brief(stage.recorded)}, now ${brief(stage.replayed)}.`))));
}

function otherwise(report) {
  if (!report.counterfactuals.length) {
    return h('p', { class: 'notice' }, 'No stage had another candidate.');
  }
  announce(`${report.counterfactuals.filter(({ same }) => !same).length} of ${report.counterfactuals.length} would have changed the output`);
  return h('ul', { class: 'otherwise' }, report.counterfactuals.map((one) => h('li', { class: one.same ? '' : 'differs' },
    h('span', {}, h('span', { class: 'quiet' }, `${one.stage}: `), h('strong', {}, one.function), ` instead of ${one.instead}`),
    Number.isFinite(one.probability) ? h('span', { class: 'quiet number' }, probability(one.probability)) : null,
    h('span', { class: 'outcome' }, one.cause ? `would have failed: ${one.cause}`
      : one.same ? `the same: ${brief(one.output)}` : brief(one.output)))));
}

async function feedback(decision, signal) {
  const place = h('div', {});
  const list = () => replace(place, eventually(() => get(path`/v1/decisions/${decision.id}/feedback`, { signal }), said));
  list();
  return panel('Feedback', place, session.may('decide') ? h('div', { class: 'columns' }, reward(decision, list), await correction(decision, list)) : null);
}

function said({ items }) {
  return items.length ? h('ul', { class: 'said-before' }, items.map((one) => h('li', {},
    one.stage ? `${one.stage}: ` : '', one.correction ? h('span', {}, 'should have been ', h('strong', {}, one.correction)) : null,
    Number.isFinite(one.reward) ? h('span', {}, 'reward ', h('strong', {}, one.reward)) : null,
    one.comment ? ` – ${one.comment}` : '', h('span', { class: 'quiet' }, ` ${one.author}, ${moment(one.createdAt)}`))))
    : h('p', { class: 'quiet' }, 'Nobody has said anything about this decision yet.');
}

function reward(decision, kept) {
  const value = h('input', { type: 'number', step: 'any', inputmode: 'decimal' });
  const comment = h('input', { type: 'text', maxlength: '1000' });
  return form({
    fields: [h('h3', {}, 'How good was it?'), field('Reward', value, 'The greater the better; the scale is yours.'), field('Comment', comment)],
    submit: 'Send reward', quiet: true,
    work: async () => {
      if (value.value === '' || !Number.isFinite(Number(value.value))) {
        throw new Refusal('A reward is a number.');
      }
      await post(path`/v1/decisions/${decision.id}/feedback`, body({ reward: Number(value.value), comment: comment.value.trim() }));
      kept();
      return done('The reward is kept.');
    },
  });
}

async function correction(decision, kept) {
  const stages = decision.stages.map(({ stage }) => stage);
  const known = await snapshot(decision.task, decision.snapshot).catch(() => ({ functions: [] }));
  const choices = (stage) => known.functions.filter((one) => one.stage === stage).map(({ name }) => name).sort();
  const which = select([], null);
  const fill = (stage) => {
    const chosen = decision.stages.find((one) => one.stage === stage).chosen;
    replace(which, choices(stage).filter((name) => name !== chosen).map((name) => h('option', { value: name }, name)));
  };
  const stage = select(stages.map((name) => [name, name]), stages.at(-1), fill);
  fill(stages.at(-1));
  const comment = h('input', { type: 'text', maxlength: '1000' });
  return form({
    fields: [h('h3', {}, 'What should have been chosen?'), h('div', { class: 'pair' }, field('Stage', stage), field('Function', which)),
      field('Why', comment, 'Corrections become training examples.')],
    submit: 'Send correction', quiet: true,
    work: async () => {
      if (!which.value) {
        throw new Refusal('There is no other function to choose in this stage.');
      }
      await post(path`/v1/decisions/${decision.id}/feedback`,
        body({ stage: stage.value, correction: which.value, comment: comment.value.trim() }));
      kept();
      return done('The correction is kept.');
    },
  });
}

const body = (content) => Object.fromEntries(Object.entries(content).filter(([, value]) => value !== ''));
