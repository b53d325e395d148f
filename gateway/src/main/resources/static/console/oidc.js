// Sign-in at the platform's OpenID Connect issuer: authorization code with PKCE (RFC 7636). The token that comes back takes the
// key's place in this tab. Nothing secret is ever in an address: the code is worth nothing without the verifier kept here.

import { Problem } from './api.js';
import { Refusal } from './parts.js';

const PENDING = 'ld-sign-in';

/** Where people may sign in, as the gateway was told; null where there are keys only. */
export async function issuer() {
  try {
    const answer = await fetch('/console/sign-in.json', { cache: 'no-store', credentials: 'omit' });
    return answer.ok ? ((await answer.json()).oidc ?? null) : null;
  } catch {
    return null;
  }
}

/** Leaves for the issuer; it sends people back to where they left. */
export async function leave(told) {
  // Browsers hash for pages of TLS and of this machine only; without a hash there is no proof of who asked.
  if (!crypto.subtle) {
    throw new Refusal('Signing in needs TLS: open the console by its https address.');
  }
  const { authorization_endpoint: endpoint } = await discover(told);
  const verifier = random();
  const state = random();
  sessionStorage.setItem(PENDING, JSON.stringify({ verifier, state, back: location.hash }));
  const address = new URL(endpoint);
  if (!/^https?:$/.test(address.protocol)) {
    throw new Refusal('The issuer names no page to sign in on.');
  }
  for (const [name, value] of Object.entries({
    response_type: 'code',
    client_id: told.clientId,
    redirect_uri: here(),
    scope: told.scope,
    state,
    code_challenge: await challenge(verifier),
    code_challenge_method: 'S256',
  })) {
    address.searchParams.set(name, value);
  }
  location.assign(address);
}

/** Whether the issuer has just sent somebody back. */
export function isBack() {
  const said = new URLSearchParams(location.search);
  return said.has('state') && (said.has('code') || said.has('error'));
}

/**
 * The token for the code that came back. Whatever comes of it, the address is cleared first, so that a reload tries nothing
 * again.
 */
export async function token() {
  const said = new URLSearchParams(location.search);
  const pending = JSON.parse(sessionStorage.getItem(PENDING) ?? 'null');
  sessionStorage.removeItem(PENDING);
  history.replaceState(null, '', `${location.pathname}${pending?.back ?? ''}`);
  if (!pending || said.get('state') !== pending.state) {
    throw new Refusal('This sign-in was not begun here; try again.');
  }
  if (said.has('error')) {
    throw new Refusal(
      said.get('error') === 'access_denied' ? 'The sign-in was refused.' : `The issuer says: ${said.get('error')}`,
    );
  }
  const told = await issuer();
  if (!told) {
    throw new Refusal('There is nowhere to sign in any more; use a key.');
  }
  const { token_endpoint: endpoint } = await discover(told);
  const answer = await ask(endpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: told.clientId,
      redirect_uri: here(),
      code: said.get('code'),
      code_verifier: pending.verifier,
    }),
  });
  if (!answer.access_token) {
    throw new Refusal('The issuer gave no token; try again.');
  }
  return answer.access_token;
}

const here = () => `${location.origin}/console/`;

async function discover(told) {
  const found = await ask(`${told.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {});
  if (found.issuer !== told.issuer) {
    throw new Refusal('The issuer calls itself otherwise than this platform knows it.');
  }
  return found;
}

async function ask(address, request) {
  let answer;
  try {
    answer = await fetch(address, { ...request, cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer' });
  } catch {
    throw new Problem(0, { detail: 'The issuer does not answer' });
  }
  if (!answer.ok) {
    throw new Refusal('The issuer did not take the sign-in; try again.');
  }
  return answer.json();
}

function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

async function challenge(verifier) {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
