// What several pages are made of: states of loading, lists that go on, tables, dialogs of one question.

import { announce, append, h, replace } from './dom.js';
import { Problem } from './api.js';
import { shortHash } from './format.js';

export function title(text, ...beside) {
  return h('div', { class: 'title' }, h('h1', {}, text), beside.length ? h('div', { class: 'beside' }, beside) : null);
}

export function panel(heading, ...content) {
  return h('section', { class: 'panel' }, heading ? h('h2', {}, heading) : null, content);
}

export function loading(what = 'Loading') {
  return h(
    'div',
    { class: 'loading', role: 'status' },
    h('span', { class: 'unseen' }, `${what}…`),
    h('span', { class: 'bone' }),
    h('span', { class: 'bone' }),
    h('span', { class: 'bone' }),
  );
}

export function empty(text, ...how) {
  return h('div', { class: 'empty' }, h('p', {}, text), how);
}

/** A failure in words, with a way on. */
export function failed(problem, again) {
  const text = problem instanceof Problem ? problem.message : 'The page has a fault.';
  if (!(problem instanceof Problem)) {
    console.error(problem);
  }
  const hint =
    problem.status === 0
      ? 'Is it running? ./platform status tells.'
      : problem.status === 403
        ? 'Another key may be allowed to.'
        : null;
  return h(
    'div',
    { class: 'notice bad', role: 'alert' },
    h('p', {}, text),
    hint ? h('p', { class: 'quiet' }, hint) : null,
    again ? h('button', { type: 'button', on: { click: again } }, 'Try again') : null,
  );
}

/** A place that shows what a promise brings: bones while it is away, a problem with a retry where it fails. */
export function eventually(ask, show, what) {
  const place = h('div', { class: 'eventually', 'aria-busy': 'true' }, loading(what));
  const run = async () => {
    replace(place, loading(what)).setAttribute('aria-busy', 'true');
    try {
      replace(place, show(await ask()));
    } catch (problem) {
      if (problem.name !== 'AbortError') {
        replace(place, failed(problem, run));
      }
    }
    place.removeAttribute('aria-busy');
  };
  run();
  return place;
}

/** A button that does something at once. */
export function button(text, click, props = {}) {
  return h('button', { type: 'button', ...props, on: { click } }, text);
}

/** A button that shows that it works, and never works twice at once. */
export function action(text, work, props = {}) {
  const button = h(
    'button',
    {
      type: 'button',
      ...props,
      on: {
        click: async () => {
          if (button.getAttribute('aria-busy') === 'true') {
            return;
          }
          button.setAttribute('aria-busy', 'true');
          try {
            await work(button);
          } finally {
            button.removeAttribute('aria-busy');
          }
        },
      },
    },
    text,
  );
  return button;
}

/** A list by cursor: one page, and a button for the next while there is one. */
export function endless(fetchPage, { item, none, list = () => h('ol', { class: 'rows' }) }) {
  const rows = list();
  const place = h('div', { class: 'endless' });
  const more = h('div', { class: 'more' });
  let shown = 0;
  const load = async (cursor) => {
    replace(more, loading());
    try {
      const page = await fetchPage(cursor);
      append(rows, page.items.map(item));
      shown += page.items.length;
      replace(
        more,
        page.next
          ? action('Show more', async () => {
              const before = rows.lastElementChild;
              await load(page.next);
              before?.nextElementSibling?.querySelector('a, button')?.focus();
              announce(`${shown} shown`);
            })
          : null,
      );
      if (!shown) {
        replace(place, none());
      }
    } catch (problem) {
      if (problem.name !== 'AbortError') {
        replace(
          more,
          failed(problem, () => load(cursor)),
        );
      }
    }
  };
  append(place, [rows, more]);
  load();
  return place;
}

export function table(caption, heads, rows, { numeric = [] } = {}) {
  const cell = (tag, content, index, more = {}) =>
    h(tag, { class: numeric.includes(index) ? 'number' : null, ...more }, content);
  return h(
    'div',
    { class: 'table', tabindex: '0', role: 'region', 'aria-label': caption },
    h(
      'table',
      {},
      h('caption', { class: 'unseen' }, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          heads.map((head, index) => cell('th', head, index, { scope: 'col' })),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map((row) =>
          h(
            'tr',
            {},
            row.map((content, index) =>
              index === 0 ? cell('th', content, index, { scope: 'row' }) : cell('td', content, index),
            ),
          ),
        ),
      ),
    ),
  );
}

export function facts(...pairs) {
  return h(
    'dl',
    { class: 'facts' },
    pairs.filter(Boolean).map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  );
}

/** Says that something is done, to eyes and to ears. */
export function done(text) {
  announce(text);
  return h('p', { class: 'notice good' }, text);
}

export function chip(text, kind = '') {
  return h('span', { class: `chip ${kind}` }, text);
}

export function hash(value) {
  return h('code', { class: 'hash', title: value }, shortHash(value));
}

/** A bar for a share from 0 to 1, beside its figure, so it is decoration to a screen reader. */
export function bar(share, kind = '') {
  return h(
    'span',
    { class: `bar ${kind}`, 'aria-hidden': 'true' },
    h('span', { vars: { '--share': Math.max(0, Math.min(1, share || 0)) } }),
  );
}

let fields = 0;
export function field(label, control, hint) {
  fields += 1;
  control.id ||= `field-${fields}`;
  if (hint) {
    control.setAttribute('aria-describedby', `${control.id}-hint`);
  }
  return h(
    'div',
    { class: 'field' },
    h('label', { for: control.id }, label),
    control,
    hint ? h('p', { class: 'hint', id: `${control.id}-hint` }, hint) : null,
  );
}

export function select(options, chosen, change) {
  return h(
    'select',
    { on: change ? { change: (event) => change(event.target.value) } : {} },
    options.map(([value, text]) => h('option', { value, selected: value === chosen }, text)),
  );
}

/** A form that says what went wrong beside its button, and announces what went right. */
export function form({ fields: content, submit, work, quiet = false }) {
  const said = h('div', { class: 'said' });
  const button = h('button', { type: 'submit', class: quiet ? null : 'main' }, submit);
  return h(
    'form',
    {
      novalidate: true,
      on: {
        submit: async (event) => {
          event.preventDefault();
          if (button.getAttribute('aria-busy') === 'true') {
            return;
          }
          button.setAttribute('aria-busy', 'true');
          replace(said);
          try {
            replace(said, await work(event.target));
          } catch (problem) {
            replace(
              said,
              problem instanceof Refusal ? h('p', { class: 'notice bad' }, problem.message) : failed(problem),
            );
          }
          button.removeAttribute('aria-busy');
        },
      },
    },
    content,
    h('div', { class: 'buttons' }, button),
    said,
  );
}

/** What a form does not take, in words for its user. */
export class Refusal extends Error {}

export function asJson(text, what) {
  try {
    return JSON.parse(text);
  } catch (failure) {
    throw new Refusal(`${what} is not JSON: ${failure.message}`);
  }
}

/**
 * Asks for a reason before something that others will notice. Resolves to the reason, or to null.
 *
 * @param needed whether it can not be done without a reason
 * @param override whether a gate may be gone past
 * @param also what else is asked; whoever made it reads it
 */
export function confirmWithReason(heading, text, confirm, { needed = false, override = false, also = null } = {}) {
  return new Promise((answered) => {
    const reason = h('textarea', { rows: '2', maxlength: '1000', required: needed });
    const past = h('input', { type: 'checkbox' });
    const dialog = h(
      'dialog',
      { 'aria-labelledby': 'dialog-title' },
      h(
        'form',
        { method: 'dialog' },
        h('h2', { id: 'dialog-title' }, heading),
        h('p', {}, text),
        also,
        field('Reason, kept in the record', reason),
        override ? h('label', { class: 'check' }, past, ' Go past the gate (needs a reason, and is recorded)') : null,
        h(
          'div',
          { class: 'buttons' },
          h('button', { value: 'no', class: 'ghost', formnovalidate: true }, 'Cancel'),
          h('button', { value: 'yes', class: 'main' }, confirm),
        ),
      ),
    );
    dialog.addEventListener('close', () => {
      dialog.remove();
      answered(dialog.returnValue === 'yes' ? { reason: reason.value.trim(), override: past.checked } : null);
    });
    document.body.append(dialog);
    dialog.showModal();
    reason.focus();
  });
}
