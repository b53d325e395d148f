// The shell: who is signed in, which page the address names, and what stands around it.

import { announce, h, replace } from './dom.js';
import { Problem, once, session } from './api.js';
import { action, chip, empty, failed, field, form, loading, Refusal } from './parts.js';
import { isBack, issuer, leave, token } from './oidc.js';

/** Pages by address. A page is a module whose `page` makes its content from the address's parts. */
const PAGES = [
  [/^\/live(?:\/([^/]+))?$/, () => import('./pages/live.js')],
  [/^\/decisions$/, () => import('./pages/decisions.js')],
  [/^\/tasks\/([^/]+)\/decisions$/, () => import('./pages/decisions.js')],
  [/^\/tasks\/([^/]+)\/decisions\/([^/]+)$/, () => import('./pages/decision.js')],
  [/^\/functions$/, () => import('./pages/functions.js')],
  [/^\/tasks\/([^/]+)\/functions$/, () => import('./pages/functions.js')],
  [/^\/tasks\/([^/]+)\/functions\/([^/]+)$/, () => import('./pages/function.js')],
  [/^\/tasks\/([^/]+)\/snapshots$/, () => import('./pages/snapshots.js')],
  [/^\/tasks\/([^/]+)\/emergency$/, () => import('./pages/emergency.js')],
  [/^\/distillation$/, () => import('./pages/distillation.js')],
  [/^\/distillation\/jobs\/([^/]+)$/, () => import('./pages/job.js')],
  [/^\/distillation\/datasets\/([^/]+)$/, () => import('./pages/dataset.js')],
  [/^\/operations$/, () => import('./pages/operations.js')],
  [/^\/keys$/, () => import('./pages/keys.js')],
];

const NAVIGATION = [
  ['Live', '#/live', /^\/live/, () => session.may('decide')],
  ['Decisions', '#/decisions', /decisions/, () => true],
  ['Functions', '#/functions', /functions|snapshots|emergency/, () => true],
  ['Distillation', '#/distillation', /^\/distillation/, () => true],
  ['Operations', '#/operations', /^\/operations/, () => true],
  ['Keys', '#/keys', /^\/keys/, () => session.may('admin')],
];

const main = document.getElementById('main');
let leaving = new AbortController();

function address() {
  const [path, query = ''] = (location.hash.slice(1) || '/').split('?');
  return { path, query: new URLSearchParams(query) };
}

async function show() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  surround();
  delete main.dataset.shows;
  if (!session.caller) {
    document.title = 'Sign in · Logic Distillation';
    replace(main, signIn());
    return;
  }
  const { path, query } = address();
  if (path === '/') {
    location.replace(session.may('decide') ? '#/live' : '#/decisions');
    return;
  }
  await render(path, query, signal);
}

async function render(path, query, signal) {
  const found = PAGES.map(([pattern, load]) => ({ match: pattern.exec(path), load })).find(({ match }) => match);
  if (!found) {
    replace(main, empty('There is no such page.', h('a', { href: '#/' }, 'To the start')));
    return;
  }
  const waiting = setTimeout(() => signal.aborted || replace(main, loading()), 120);
  try {
    const module = await found.load();
    const parts = found.match.slice(1).map((part) => part && decodeURIComponent(part));
    const content = await module.page({ parts, query, signal });
    if (!signal.aborted) {
      clearTimeout(waiting);
      replace(main, content);
      main.dataset.shows = path;
      arrived();
    }
  } catch (problem) {
    clearTimeout(waiting);
    if (!signal.aborted) {
      replace(main, failed(problem, show));
    }
  }
  clearTimeout(waiting);
}

let first = true;
function arrived() {
  const heading = main.querySelector('h1')?.textContent ?? 'Console';
  document.title = `${heading} · Logic Distillation`;
  if (!first) {
    announce(heading);
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  first = false;
}

function surround() {
  const { path } = address();
  const links = session.caller ? NAVIGATION.filter(([, , , offered]) => offered()) : [];
  replace(
    document.getElementById('nav'),
    links.map(([text, target, own]) => h('a', { href: target, 'aria-current': own.test(path) ? 'page' : null }, text)),
  );
  replace(document.getElementById('who'), themeButton(), session.caller ? whoMenu() : null);
}

function whoMenu() {
  const { name, tenant, scopes } = session.caller;
  return h(
    'details',
    { class: 'menu' },
    h('summary', {}, name),
    h(
      'div',
      {},
      h('p', {}, 'Tenant ', h('strong', {}, tenant)),
      h(
        'p',
        { class: 'chips' },
        scopes.map((scope) => chip(scope)),
      ),
      h('button', { type: 'button', on: { click: session.signOut } }, 'Sign out'),
    ),
  );
}

function themeButton() {
  const dark = () => {
    const { theme } = document.documentElement.dataset;
    return theme ? theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  };
  const button = h('button', { type: 'button', class: 'ghost theme' }, h('span', { 'aria-hidden': 'true' }, '◐'));
  const label = () => {
    button.title = dark() ? 'Light theme' : 'Dark theme';
    button.setAttribute('aria-label', button.title);
  };
  label();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', label);
  button.addEventListener('click', () => {
    const next = dark() ? 'light' : 'dark';
    document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem('ld-theme', next);
    } catch {
      // Then it lasts as long as the page.
    }
    label();
    dispatchEvent(new CustomEvent('ld-theme'));
  });
  return button;
}

/** @param refusal why a sign-in elsewhere came to nothing */
function signIn(refusal = null) {
  const key = h('input', {
    type: 'password',
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: 'ld_…',
    required: true,
  });
  return h(
    'div',
    { class: 'door' },
    h('h1', {}, 'Sign in'),
    h('p', { class: 'quiet' }, 'See how decisions are made, play them live, and look after the models behind them.'),
    form({
      fields: [
        field('API key', key, [
          h('code', {}, './platform up'),
          ' has put one into ',
          h('code', {}, '.platform/api-key'),
          '. It stays in this tab and is forgotten with it.',
        ]),
      ],
      submit: 'Sign in',
      work: async () => {
        const presented = key.value.trim();
        if (!presented.startsWith('ld_')) {
          throw new Refusal('A key begins with ld_.');
        }
        await present(presented, 'This key is not known here.', 'This key may not read anything.');
        await show();
      },
    }),
    elsewhere(),
    refusal ? h('p', { class: 'notice bad', role: 'alert' }, refusal) : null,
  );
}

/** Signs in with a key or a token, or says in words why not. */
async function present(credential, unknown, refused) {
  try {
    await session.signIn(credential);
  } catch (problem) {
    throw problem instanceof Problem && problem.status === 401
      ? new Refusal(unknown)
      : problem instanceof Problem && problem.status === 403
        ? new Refusal(refused ?? problem.message)
        : problem;
  }
}

/** The way to the issuer, where the platform has one. */
function elsewhere() {
  const place = h('div', { class: 'or' });
  const said = h('div', {});
  issuer().then((told) => {
    if (told) {
      replace(
        place,
        action(`Sign in at ${new URL(told.issuer).host}`, async () => {
          try {
            await leave(told);
          } catch (problem) {
            replace(
              said,
              problem instanceof Refusal ? h('p', { class: 'notice bad', role: 'alert' }, problem.message) : failed(problem),
            );
          }
        }),
        said,
      );
    }
  });
  return place;
}

/** A key that an earlier page of this tab left is looked at again: it may have been withdrawn. */
async function start() {
  let refusal = null;
  if (isBack()) {
    try {
      await present(await token(), 'The token of this sign-in opens nothing here.');
    } catch (problem) {
      refusal = problem.message;
    }
  } else if (session.key()) {
    try {
      session.caller = await once('/v1/caller');
    } catch (problem) {
      if (problem.status === 401) {
        session.signOut();
      } else {
        surround();
        replace(main, failed(problem, start));
        return;
      }
    }
  }
  addEventListener('hashchange', show);
  addEventListener('ld-session', show);
  await show();
  if (refusal && !session.caller) {
    replace(main, signIn(refusal));
  }
}

document.addEventListener('click', (event) => {
  document.querySelectorAll('details.menu[open]').forEach((menu) => {
    if (!menu.contains(event.target)) {
      menu.open = false;
    }
  });
});
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});

start();
