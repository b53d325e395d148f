// What is said about a decision: rewards, and corrections that become training examples.

import { h, replace } from '../../dom.js';
import { get, path, post, session } from '../../api.js';
import { moment } from '../../format.js';
import { Refusal, done, eventually, field, form, panel, select } from '../../parts.js';
import { snapshot } from '../../tasks.js';

export async function feedback(decision, signal) {
  const place = h('div', {});
  const list = () =>
    replace(
      place,
      eventually(() => get(path`/v1/decisions/${decision.id}/feedback`, { signal }), said),
    );
  list();
  return panel(
    'Feedback',
    place,
    session.may('decide')
      ? h('div', { class: 'columns' }, reward(decision, list), await correction(decision, list))
      : null,
  );
}

function said({ items }) {
  return items.length
    ? h(
        'ul',
        { class: 'said-before' },
        items.map((one) =>
          h(
            'li',
            {},
            one.stage ? `${one.stage}: ` : '',
            one.correction ? h('span', {}, 'should have been ', h('strong', {}, one.correction)) : null,
            Number.isFinite(one.reward) ? h('span', {}, 'reward ', h('strong', {}, one.reward)) : null,
            one.comment ? ` – ${one.comment}` : '',
            h('span', { class: 'quiet' }, ` ${one.author}, ${moment(one.createdAt)}`),
          ),
        ),
      )
    : h('p', { class: 'quiet' }, 'Nobody has said anything about this decision yet.');
}

function reward(decision, kept) {
  const value = h('input', { type: 'number', step: 'any', inputmode: 'decimal' });
  const comment = h('input', { type: 'text', maxlength: '1000' });
  return form({
    fields: [
      h('h3', {}, 'How good was it?'),
      field('Reward', value, 'The greater the better; the scale is yours.'),
      field('Comment', comment),
    ],
    submit: 'Send reward',
    quiet: true,
    work: async () => {
      if (value.value === '' || !Number.isFinite(Number(value.value))) {
        throw new Refusal('A reward is a number.');
      }
      await post(
        path`/v1/decisions/${decision.id}/feedback`,
        body({ reward: Number(value.value), comment: comment.value.trim() }),
      );
      kept();
      return done('The reward is kept.');
    },
  });
}

async function correction(decision, kept) {
  const stages = decision.stages.map(({ stage }) => stage);
  const known = await snapshot(decision.task, decision.snapshot).catch(() => ({ functions: [] }));
  const choices = (stage) =>
    known.functions
      .filter((one) => one.stage === stage)
      .map(({ name }) => name)
      .sort();
  const which = select([], null);
  const fill = (stage) => {
    const chosen = decision.stages.find((one) => one.stage === stage).chosen;
    replace(
      which,
      choices(stage)
        .filter((name) => name !== chosen)
        .map((name) => h('option', { value: name }, name)),
    );
  };
  const stage = select(
    stages.map((name) => [name, name]),
    stages.at(-1),
    fill,
  );
  fill(stages.at(-1));
  const comment = h('input', { type: 'text', maxlength: '1000' });
  return form({
    fields: [
      h('h3', {}, 'What should have been chosen?'),
      h('div', { class: 'pair' }, field('Stage', stage), field('Function', which)),
      field('Why', comment, 'Corrections become training examples.'),
    ],
    submit: 'Send correction',
    quiet: true,
    work: async () => {
      if (!which.value) {
        throw new Refusal('There is no other function to choose in this stage.');
      }
      await post(
        path`/v1/decisions/${decision.id}/feedback`,
        body({ stage: stage.value, correction: which.value, comment: comment.value.trim() }),
      );
      kept();
      return done('The correction is kept.');
    },
  });
}

const body = (content) => Object.fromEntries(Object.entries(content).filter(([, value]) => value !== ''));
