// A decision's recorded choices run again, and other functions in their place.

import { announce, h, replace } from '../../dom.js';
import { path, post, session } from '../../api.js';
import { brief, probability } from '../../format.js';
import { action, done, failed, panel } from '../../parts.js';

/** Replays and counterfactuals ask no model, but they run functions, so they need the scope that decisions do. */
export function again(decision) {
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
  return panel(
    'Again, and otherwise',
    h(
      'p',
      { class: 'quiet' },
      'Both run the recorded functions on the recorded state; no model is asked, nothing is logged as a decision.',
    ),
    h(
      'div',
      { class: 'buttons' },
      action(
        'Replay',
        run(() => post(path`/v1/decisions/${decision.id}/replays`), replayed),
      ),
      action(
        'Had another been chosen',
        run(() => post(path`/v1/decisions/${decision.id}/counterfactuals`, { runnersUp: 5 }), otherwise),
      ),
    ),
    result,
  );
}

function replayed(report) {
  const differing = report.stages.filter(({ same }) => !same);
  return report.same
    ? done(`The same again: ${brief(report.output)}, and every stage saw the same words.`)
    : h(
        'div',
        { class: 'notice bad' },
        h('p', {}, 'It came out differently.'),
        h(
          'ul',
          {},
          differing.map((stage) =>
            h(
              'li',
              {},
              `${stage.stage}, ${stage.function}: ${stage.cause ?? 'another result'}. `,
              `Recorded ${brief(stage.recorded)}, now ${brief(stage.replayed)}.`,
            ),
          ),
        ),
      );
}

function otherwise(report) {
  if (!report.counterfactuals.length) {
    return h('p', { class: 'notice' }, 'No stage had another candidate.');
  }
  announce(
    `${report.counterfactuals.filter(({ same }) => !same).length} of ${report.counterfactuals.length} would have changed the output`,
  );
  return h(
    'ul',
    { class: 'otherwise' },
    report.counterfactuals.map((one) =>
      h(
        'li',
        { class: one.same ? '' : 'differs' },
        h(
          'span',
          {},
          h('span', { class: 'quiet' }, `${one.stage}: `),
          h('strong', {}, one.function),
          ` instead of ${one.instead}`,
        ),
        Number.isFinite(one.probability) ? h('span', { class: 'quiet number' }, probability(one.probability)) : null,
        h(
          'span',
          { class: 'outcome' },
          one.cause
            ? `would have failed: ${one.cause}`
            : one.same
              ? `the same: ${brief(one.output)}`
              : brief(one.output),
        ),
      ),
    ),
  );
}
