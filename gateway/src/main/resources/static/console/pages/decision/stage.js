// One stage of a decision: what was read, the candidates with their probabilities, and the function that is looked at.

import { h, replace } from '../../dom.js';
import { source } from '../../code.js';
import { brief, plural, probability } from '../../format.js';
import { bar, chip, eventually } from '../../parts.js';
import { wording } from '../decisions.js';

export function stageOf(stage, index, decision, functions) {
  const shown = h('div', { class: 'chosen-function' });
  const buttons = [];
  const pick = (name) => {
    buttons.forEach((button) => button.setAttribute('aria-pressed', String(button.dataset.name === name)));
    replace(
      shown,
      eventually(
        () => functions,
        (found) => functionOf(found.get(`${stage.stage}/${name}`), name, stage),
        'Loading the function',
      ),
    );
  };
  const list = candidates(stage, (name) => pick(name), buttons);
  if (stage.chosen) {
    pick(stage.chosen);
  }
  return h(
    'section',
    { class: 'panel stage', 'aria-label': `Stage ${stage.stage}` },
    h(
      'div',
      { class: 'stage-head' },
      h('span', { class: 'ordinal', 'aria-hidden': 'true' }, index + 1),
      h('h2', {}, stage.stage),
      chip(`by ${wording(stage.decidedBy)}`, stage.decidedBy),
      stage.way ? chip(stage.way) : null,
    ),
    h('blockquote', { class: 'view' }, h('span', { class: 'label' }, 'What was read'), stage.view),
    doubt(stage),
    h(
      'div',
      { class: 'stage-body' },
      h('div', {}, h('h3', {}, plural(stage.candidates.length, 'candidate')), list),
      shown,
    ),
    h('p', { class: 'output' }, h('span', { class: 'label' }, 'Output'), h('strong', {}, brief(stage.output))),
  );
}

const CAUSES = {
  'not-sure': 'The student was not sure enough',
  'none-fits': 'The student found that no function fits',
  'retriever-missed': 'The student found that no candidate fits, and the search had left functions out',
  'function-failed': 'The function that was chosen first gave nothing of use',
};
const HANDLED = { 'runner-up': 'the most probable function that works ran', escalated: 'the teacher chose' };
const wireName = (text) => text.toLowerCase().replaceAll('_', '-');

/** Why the student's first choice did not simply run, where it did not; and the teacher's reason. */
function doubt({ doubt: found, decidedBy, reason }) {
  if (!found) {
    return decidedBy === 'teacher' ? h('p', { class: 'notice' }, reason) : null;
  }
  const sure = Number.isFinite(found.probability)
    ? ` (${probability(found.probability)}${
        Number.isFinite(found.threshold) ? `, ${probability(found.threshold)} needed` : ''
      })`
    : '';
  return h(
    'p',
    { class: 'notice' },
    `${CAUSES[wireName(found.cause)] ?? found.cause}${sure}; ${HANDLED[wireName(found.handled)] ?? found.handled}.`,
    decidedBy === 'teacher' ? ` “${reason}”` : '',
    found.escalation ? h('span', { class: 'quiet' }, ` ${found.escalation}`) : null,
  );
}

function candidates(stage, pick, buttons) {
  const scored = stage.candidates.some((one) => Number.isFinite(one.probability));
  const sorted = [...stage.candidates].sort(
    (one, other) =>
      (other.probability ?? -1) - (one.probability ?? -1) ||
      Number(other.function === stage.chosen) - Number(one.function === stage.chosen),
  );
  const rows = sorted.map((one) => {
    const button = h(
      'button',
      {
        type: 'button',
        class: 'candidate',
        'data-name': one.function,
        'aria-pressed': 'false',
        on: { click: () => pick(one.function) },
      },
      h(
        'span',
        { class: 'name' },
        one.function,
        one.function === stage.chosen ? h('span', { class: 'mark' }, ' ✓ chosen') : null,
      ),
      one.origin === 'all' ? null : h('span', { class: 'quiet origin' }, one.origin),
      scored ? h('span', { class: 'number' }, probability(one.probability)) : null,
      scored ? bar(one.probability, one.function === stage.chosen ? 'strong' : '') : null,
    );
    buttons.push(button);
    return h('li', {}, button);
  });
  const none = Number.isFinite(stage.none)
    ? h(
        'li',
        {},
        h(
          'div',
          { class: 'candidate none' },
          h('span', { class: 'name' }, 'none of these'),
          h('span', { class: 'number' }, probability(stage.none)),
          bar(stage.none),
        ),
      )
    : null;
  return [
    h('ul', { class: 'candidates' }, rows, none),
    scored
      ? null
      : h(
          'p',
          { class: 'quiet' },
          'The choice was imposed by the caller, so no model was asked and there are no probabilities.',
        ),
  ];
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
