// The public API with the key of this tab. The key lives in sessionStorage: it ends with the tab and is in no address.

const STORED = 'ld-key';

/** A failure as the API tells it (RFC 9457), or as the network does. */
export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || body?.title || (status ? `The platform answered ${status}` : 'The platform does not answer'));
    this.status = status;
    this.type = body?.type ?? '';
    this.body = body;
  }

  get absent() {
    return this.status === 404 || this.status === 405;
  }
}

export const session = {
  caller: null,
  key: () => sessionStorage.getItem(STORED),
  may: (...scopes) => scopes.some((scope) => session.caller?.scopes.includes(scope)),

  async signIn(key) {
    sessionStorage.setItem(STORED, key);
    try {
      session.caller = await get('/v1/caller');
    } catch (problem) {
      sessionStorage.removeItem(STORED);
      throw problem;
    }
  },

  signOut() {
    sessionStorage.removeItem(STORED);
    session.caller = null;
    kept.clear();
    dispatchEvent(new CustomEvent('ld-session'));
  },
};

export const get = (path, options) => call('GET', path, options);
export const post = (path, body, options) => call('POST', path, { ...options, body });
export const remove = (path, options) => call('DELETE', path, options);

/** An address with every part encoded: path`/v1/tasks/${task}`. */
export function path(texts, ...values) {
  return texts.reduce((all, text, index) => all + encodeURIComponent(values[index - 1]) + text);
}

export function query(address, parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return given.length ? `${address}${address.includes('?') ? '&' : '?'}${new URLSearchParams(given)}` : address;
}

async function call(method, address, { body, signal } = {}) {
  const answer = await send(address, {
    method,
    signal,
    headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  const content = parse(text);
  if (!answer.ok) {
    throw refused(answer.status, content);
  }
  return content;
}

async function send(address, request) {
  try {
    return await fetch(address, {
      ...request,
      headers: { ...request.headers, Authorization: `Bearer ${session.key() ?? ''}` },
      cache: 'no-store',
      credentials: 'omit',
    });
  } catch (failure) {
    throw failure.name === 'AbortError' ? failure : new Problem(0, null);
  }
}

function refused(status, content) {
  if (status === 401 && session.caller) {
    session.signOut();
  }
  return new Problem(status, content);
}

function parse(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/** What hardly changes (a snapshot never does) is asked for once. */
const kept = new Map();
export function once(address) {
  if (!kept.has(address)) {
    const asked = get(address);
    asked.catch(() => kept.delete(address));
    kept.set(address, asked);
  }
  return kept.get(address);
}

export function forget() {
  kept.clear();
}

/** Every item of a list, page by page, up to a bound. */
export async function all(address, { signal, most = 1000 } = {}) {
  const items = [];
  let next;
  do {
    const page = await get(query(address, { limit: 100, cursor: next }), { signal });
    items.push(...page.items);
    next = page.next;
  } while (next && items.length < most);
  return items;
}

/** Whether an address exists, though perhaps for other methods only. */
export async function exists(address, signal) {
  try {
    await get(address, { signal });
    return true;
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 404) {
      return false;
    }
    return problem instanceof Problem && (problem.status === 405 || problem.status === 400);
  }
}

/**
 * Server-sent events, by fetch, because an EventSource can carry no key. Ends with the stream; after a break it goes on
 * behind the last event that arrived.
 */
export async function* events(address, signal) {
  let last = null;
  for (let failures = 0; failures < 5 && !signal.aborted;) {
    try {
      const answer = await send(address, { signal, headers: last ? { 'Last-Event-ID': last } : {} });
      if (!answer.ok) {
        throw refused(answer.status, parse(await answer.text()));
      }
      for await (const event of parsed(answer.body)) {
        failures = 0;
        last = event.id ?? last;
        yield event;
      }
      return;
    } catch (failure) {
      if (signal.aborted || (failure instanceof Problem && failure.status >= 400 && failure.status < 500)) {
        throw failure;
      }
      failures += 1;
      await new Promise((goOn) => setTimeout(goOn, 500 * 2 ** failures));
    }
  }
}

async function* parsed(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      return;
    }
    const blocks = (rest + value).replaceAll('\r\n', '\n').split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const event = block.split('\n').reduce(field, { type: 'message', data: '' });
      if (event.data) {
        yield { id: event.id, type: event.type, data: parse(event.data) };
      }
    }
  }
}

function field(event, line) {
  const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
  if (name === 'event') {
    event.type = value;
  } else if (name === 'data') {
    event.data += value;
  } else if (name === 'id') {
    event.id = value;
  }
  return event;
}
