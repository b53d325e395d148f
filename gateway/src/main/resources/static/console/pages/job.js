// A job as it runs: curves and log lines arrive by server-sent events.

import { announce, h, replace } from '../dom.js';
import { events, get, path, post, remove, session } from '../api.js';
import { moment, number, percent, seconds } from '../format.js';
import { action, chip, confirmWithReason, facts, failed, hash, panel, table, title } from '../parts.js';
import { curves } from '../chart.js';

const LINES_KEPT = 500;
const OVER = new Set(['completed', 'failed', 'cancelled']);

export async function page({ parts: [id], signal }) {
  const address = path`/v1/distillation-jobs/${id}`;
  const job = await get(address, { signal });
  const watch = new Watch(job, address, signal);
  watch.follow();
  return [
    h('p', { class: 'crumbs' }, h('a', { href: '#/distillation' }, 'Distillation')),
    title(job.spec.name, watch.state),
    watch.facts,
    watch.said,
    session.may('author') ? watch.buttons : null,
    h(
      'div',
      { class: 'columns' },
      panel('Loss', watch.loss.element),
      panel('Agreement with the teacher', watch.agreement.element),
    ),
    watch.trials,
    panel('Log', watch.log),
    attempts(job.attempts ?? []),
  ];
}

function attempts(list) {
  return list.length
    ? panel(
        'Attempts',
        table(
          'Attempts',
          ['Number', 'Worker', 'Started', 'Ended', 'Outcome'],
          list.map((one) => [
            String(one.number),
            one.worker,
            moment(one.startedAt),
            moment(one.endedAt),
            `${one.outcome}${one.reason ? `: ${one.reason}` : ''}`,
          ]),
        ),
      )
    : null;
}

/** Of a sweep: what was tried, how it did, and which one became the student. */
function trials(list) {
  return panel(
    'Trials',
    table(
      'Trials',
      ['Trial', 'Hyperparameters', 'State', 'Step', 'Best agreement'],
      list.map((one) => [
        String(one.number),
        Object.entries(one.hyperparameters)
          .map(([name, value]) => `${name} ${value}`)
          .join(', '),
        `${one.state}${one.reason ? `: ${one.reason}` : ''}`,
        String(one.step),
        one.agreement === undefined ? '' : percent(one.agreement, 1),
      ]),
    ),
  );
}

/** Keeps the page of one job up to date until the job or the visit ends. */
class Watch {
  constructor(job, address, signal) {
    Object.assign(this, { job, address, signal, points: new Map() });
    this.state = h('span', {});
    this.facts = h('div', { 'aria-live': 'off' });
    this.said = h('div', { role: 'status' });
    this.trials = h('div', {});
    this.buttons = h('div', { class: 'buttons spaced' });
    this.log = h('pre', { class: 'source log', tabindex: '0', role: 'log', 'aria-label': 'Log', 'aria-live': 'off' });
    this.loss = curves({ label: 'Loss by step' });
    this.agreement = curves({ label: 'Agreement by step', range: [0, 1], format: (value) => percent(value, 0) });
    this.#show();
  }

  async follow() {
    try {
      for await (const event of events(`${this.address}/events`, this.signal)) {
        this.#take(event);
      }
      this.job = await get(this.address, { signal: this.signal });
      this.#show();
    } catch (problem) {
      if (!this.signal.aborted) {
        replace(
          this.said,
          failed(problem, () => {
            replace(this.said);
            this.follow();
          }),
        );
      }
    }
  }

  #take({ type, data }) {
    if (type === 'metrics') {
      this.#add(data);
      this.job.progress = data;
      this.#draw();
    } else if (type === 'log') {
      this.log.append(`${data.line ?? data}\n`);
      while (this.log.childNodes.length > LINES_KEPT) {
        this.log.firstChild.remove();
      }
      this.log.scrollTop = this.log.scrollHeight;
    } else if (type === 'state') {
      Object.assign(this.job, data.state ? data : { state: data });
      announce(`The job is ${this.job.state}`);
    }
    this.#show();
  }

  /** In a sweep each trial has a curve of its own, over its own steps. */
  #add({ step, metrics, trials: list }) {
    const trial = list?.find((one) => one.state === 'running');
    if (list && !trial) {
      return;
    }
    const at = trial?.step ?? step;
    const named = trial
      ? Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`trial ${trial.number} ${name}`, value]))
      : metrics;
    this.points.set(at, { ...this.points.get(at), ...named });
  }

  #draw() {
    const steps = [...this.points.keys()].sort((one, other) => one - other);
    const lines = (fits) => {
      const names = new Set(steps.flatMap((step) => Object.keys(this.points.get(step)).filter(fits)));
      return [...names]
        .sort()
        .map((name) => ({ name, values: steps.map((step) => this.points.get(step)[name] ?? null) }));
    };
    for (const [chart, fits] of [
      [this.loss, (name) => /loss/i.test(name)],
      [this.agreement, (name) => /agreement/i.test(name)],
    ]) {
      const found = lines(fits);
      if (found.length) {
        chart.update(steps, found);
      }
    }
  }

  #show() {
    const { state, spec, progress, eta, reason, createdAt, finishedAt, submittedBy } = this.job;
    replace(this.state, chip(state, state));
    const speed = progress?.metrics?.tokensPerSecond;
    replace(
      this.facts,
      facts(
        ['Task', spec.task.name],
        ['Dataset', h('a', { href: `#/distillation/datasets/${spec.dataset.id}` }, `${spec.dataset.id.slice(0, 8)}…`)],
        ['Ordered', `${moment(createdAt)} by ${submittedBy}`],
        progress
          ? [
              'Progress',
              h(
                'span',
                {},
                h('progress', { value: progress.step, max: progress.steps || 1, 'aria-label': 'Steps' }),
                ` ${progress.step} of ${progress.steps}`,
              ),
            ]
          : null,
        progress ? ['Trained for', seconds(progress.seconds)] : null,
        Number.isFinite(speed) ? ['Speed', `${number(speed)} tokens/s`] : null,
        this.job.student ? ['Student', hash(this.job.student)] : null,
        finishedAt ? ['Ended', moment(finishedAt)] : eta ? ['Steps done by', moment(eta)] : null,
      ),
    );
    if (progress?.trials) {
      replace(this.trials, trials(progress.trials));
    }
    if (reason) {
      replace(this.said, h('p', { class: state === 'failed' ? 'notice bad' : 'notice' }, reason));
    }
    replace(
      this.buttons,
      OVER.has(state)
        ? state === 'completed'
          ? null
          : action('Queue it again', () => this.#act(() => post(`${this.address}/retries`)))
        : action('Cancel', async () => {
            if (
              await confirmWithReason(
                `Cancel ${spec.name}?`,
                'The training ends; what was learned so far is dropped.',
                'Cancel the job',
              )
            ) {
              await this.#act(() => remove(this.address));
            }
          }),
    );
  }

  async #act(work) {
    try {
      await work();
      dispatchEvent(new HashChangeEvent('hashchange'));
    } catch (problem) {
      replace(this.said, failed(problem));
    }
  }
}
