// The games, played in the page by real decisions: one player, or two on the same board.

import { announce, h, replace } from '../dom.js';
import { session } from '../api.js';
import { button, empty, field, select, title } from '../parts.js';
import { tasks } from '../tasks.js';
import { GAMES, Lane } from '../games/lane.js';
import { players } from '../games/players.js';

/** What was being played, by game: whoever looks at a move and comes back finds the board as it was. */
const tables = new Map();
const FIRST_BOARD = 1_000_000;
const LAST_BOARD = 999_999_999;
/** Milliseconds between two moves. */
const SLOWEST = 1200;

export async function page({ parts: [wanted], signal }) {
  if (!session.may('decide')) {
    return empty('This key may not ask for decisions, so it can not play.');
  }
  const there = new Set((await tasks()).map(({ name }) => name));
  const names = Object.keys(GAMES).filter((name) => there.has(name));
  if (!names.length) {
    return empty('The games are not installed here.', h('p', {}, h('code', {}, './platform up'), ' installs them.'));
  }
  const game = names.includes(wanted) ? wanted : names[0];
  const found = await players(game, signal);
  const table = tables.get(game) ?? new Table(game);
  tables.set(game, table);
  signal.addEventListener('abort', () => table.pause());
  return [
    title(
      'Live',
      h(
        'nav',
        { class: 'tabs', 'aria-label': 'Game' },
        names.map((name) =>
          h('a', { href: `#/live/${name}`, 'aria-current': name === game ? 'page' : null }, GAMES[name].name),
        ),
      ),
    ),
    h(
      'p',
      { class: 'quiet lead' },
      GAMES[game].rules,
      game === 'twenty-one'
        ? ' The teacher is not among the players: its choices rest on exact odds that this page does not compute.'
        : '',
    ),
    table.show(found),
  ];
}

/** A game's players and boards, and the clock that drives them. */
class Table {
  constructor(game) {
    this.game = game;
    this.seed = FIRST_BOARD;
    this.delay = 350;
    this.chosen = null;
    this.lanes = [];
    this.playing = null;
  }

  show(found) {
    this.players = found;
    const known = (id) => found.some((player) => player.id === id);
    this.chosen = this.chosen?.map((id) => (known(id) ? id : '')) ?? [
      found[0].id,
      found.find(({ id }) => id !== found[0].id)?.id ?? '',
    ];
    this.chosen[0] ||= found[0].id;
    this.place = h('div', { class: 'lanes' });
    this.controls = this.#controls();
    if (this.lanes.length) {
      this.#lay();
    } else {
      this.#deal();
    }
    return [this.controls, this.place];
  }

  pause() {
    this.playing?.abort();
    this.playing = null;
    this.#sayPlaying();
  }

  #controls() {
    const options = this.players.map(({ id, name }) => [id, name]);
    const seed = this.#seedInput();
    this.button = button('', () => this.#toggle(), { class: 'main play' });
    this.#sayPlaying();
    const next = () => {
      this.seed += 1;
      seed.value = this.seed;
      this.#deal();
    };
    return h(
      'div',
      { class: 'panel controls' },
      h(
        'div',
        { class: 'setting' },
        field('Player', this.#choice(0, options)),
        field('Beside', this.#choice(1, [['', 'nobody'], ...options])),
        field('Board', seed),
        field('Speed', this.#speedInput()),
      ),
      h(
        'div',
        { class: 'buttons' },
        this.button,
        button('Step', () => this.#once()),
        button('Start over', () => this.#deal()),
        button('Next board', next),
      ),
    );
  }

  #choice(index, options) {
    return select(options, this.chosen[index], (id) => {
      this.chosen[index] = id;
      this.#deal();
    });
  }

  #seedInput() {
    const change = ({ target }) => {
      this.seed = Math.max(0, Math.min(LAST_BOARD, Math.trunc(Number(target.value) || 0)));
      target.value = this.seed;
      this.#deal();
    };
    return h('input', { type: 'number', min: '0', max: LAST_BOARD, step: '1', value: this.seed, on: { change } });
  }

  #speedInput() {
    const input = ({ target }) => {
      this.delay = SLOWEST - Number(target.value);
    };
    return h('input', {
      type: 'range',
      min: '0',
      max: SLOWEST,
      step: '50',
      value: SLOWEST - this.delay,
      on: { input },
    });
  }

  #deal() {
    this.pause();
    this.lanes = this.chosen
      .map((id) => this.players.find((player) => player.id === id))
      .filter(Boolean)
      .map((player) => new Lane(this.game, player, this.seed));
    this.#lay();
  }

  #lay() {
    replace(
      this.place,
      this.lanes.map(({ element }) => element),
    );
  }

  #toggle() {
    if (this.playing) {
      this.pause();
      return;
    }
    if (this.lanes.every(({ over }) => over)) {
      this.#deal();
    }
    this.playing = new AbortController();
    const { signal } = this.playing;
    this.#sayPlaying();
    Promise.all(this.lanes.map((lane) => this.#drive(lane, signal))).then(() => {
      if (!signal.aborted) {
        this.pause();
        announce(this.lanes.map(({ player, status }) => `${player.name}: ${status.textContent}`).join('. '));
      }
    });
  }

  async #drive(lane, signal) {
    while (!lane.over && !signal.aborted && (await lane.step(signal))) {
      await new Promise((goOn) => setTimeout(goOn, this.delay));
    }
  }

  async #once() {
    this.pause();
    const stepping = new AbortController();
    this.playing = stepping;
    await Promise.all(this.lanes.filter(({ over }) => !over).map((lane) => lane.step(stepping.signal)));
    if (this.playing === stepping) {
      this.pause();
    }
  }

  #sayPlaying() {
    if (this.button) {
      replace(this.button, this.playing ? 'Pause' : 'Play');
    }
  }
}
