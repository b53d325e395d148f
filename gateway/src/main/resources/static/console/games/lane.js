// One player on one board: asks the platform for every move and shows what it answers.

import { h, replace } from '../dom.js';
import { path, post } from '../api.js';
import { brief, milliseconds, number } from '../format.js';
import { failed } from '../parts.js';
import * as draw from './draw.js';
import { Episode as Pursuit } from './pursuit.js';
import { Episode as TwentyOne } from './twenty-one.js';

const STILL = matchMedia('(prefers-reduced-motion: reduce)');

/** What differs between the games: how one is drawn, and how it stands. */
export const GAMES = {
  pursuit: {
    name: 'Pursuit',
    rules: 'Two chasers (circles) hunt two evaders (diamonds) for 30 steps. Every move of a chaser is one decision.',
    start: (seed) => new Pursuit(seed),
    scene: (episode, before, at, trails) =>
      draw.pursuit({
        board: episode.board,
        chasers: episode.chasers,
        evaders: episode.evaders,
        before,
        at,
        trails,
        turn: episode.over ? null : episode.chaser,
      }),
    shot: (episode) => ({ chasers: [...episode.chasers], evaders: { ...episode.evaders } }),
    score: (episode) => `${episode.captured} of 2 caught`,
    progress: (episode) => `step ${episode.step}`,
  },
  'twenty-one': {
    name: '21 Points',
    rules:
      'Ten rounds against a rival and the dealer; the best hand up to 21 takes the stakes. Every stand, hit or double is one decision.',
    start: (seed) => new TwentyOne(seed),
    scene: (episode) => draw.tableScene(shown(episode)),
    shot: () => null,
    score: (episode) => `${number(episode.won, 1)} stakes`,
    progress: (episode) => `round ${episode.number}`,
  },
};

/** After a round its end stays on the table until the next decision. */
function shown(episode) {
  const last = episode.fresh ? episode.last : null;
  const { mine, dealer, rival, rivalDone } = last?.round ?? episode.round;
  return { mine, dealer, rival, rivalDone, result: last?.result ?? null };
}

export class Lane {
  constructor(game, player, seed) {
    Object.assign(this, { game: GAMES[game], player, seed, moves: [], spent: [], problem: null });
    this.episode = this.game.start(seed);
    this.id = uuid();
    this.choose = player.start(seed);
    this.trails = this.episode.chasers?.map((cell) => [cell]) ?? [];
    this.canvas = draw.canvas(this.#scene());
    this.status = h('p', { class: 'lane-status' });
    this.list = h('ol', { class: 'moves', tabindex: '0', 'aria-label': `Moves of ${player.name}` });
    this.trouble = h('div', {});
    this.element = h(
      'section',
      { class: 'panel lane', 'aria-label': player.name },
      h('h2', {}, player.name),
      this.canvas.element,
      this.status,
      this.trouble,
      this.list,
    );
    this.#say();
  }

  get over() {
    return this.episode.over;
  }

  /** Asks for one move and plays it. Answers whether it worked. */
  async step(signal) {
    replace(this.trouble);
    const before = this.game.shot(this.episode);
    this.episode.fresh = false;
    const { chaser: mover, results } = this.episode;
    const rounds = results?.length;
    try {
      const carried = await this.choose(this.episode.state());
      const decision = await post(
        path`/v1/tasks/${this.player.task}/decisions`,
        { state: this.episode.state(), episode: this.id, ...carried },
        { signal },
      );
      const progress = this.game.progress(this.episode);
      this.episode.play(decision.output);
      this.episode.fresh = this.episode.results?.length > rounds;
      this.#record(decision, progress, mover);
      await this.#move(before);
      return true;
    } catch (problem) {
      if (problem.name !== 'AbortError') {
        replace(this.trouble, failed(problem));
      }
      return false;
    }
  }

  #record(decision, progress, mover) {
    this.spent.push(decision.timings.totalMs);
    this.trails.forEach((trail, i) => trail.push(this.episode.chasers[i]));
    const chosen = decision.stages.at(-1).chosen;
    const said = brief(decision.output).replace(/^(move|action) /, '');
    this.list.prepend(
      h(
        'li',
        {},
        h(
          'a',
          { href: `#/tasks/${encodeURIComponent(this.player.task)}/decisions/${decision.id}`, title: 'Why this move' },
          h('span', { class: 'quiet' }, mover === undefined ? progress : `${progress}, ${mover + 1}`),
          h('strong', {}, said),
          h('span', { class: 'path' }, chosen === said ? '' : chosen),
          h('span', { class: 'quiet number' }, milliseconds(decision.timings.totalMs)),
        ),
      ),
    );
    this.#say();
  }

  #say() {
    const sorted = [...this.spent].sort((one, other) => one - other);
    replace(
      this.status,
      h('strong', {}, this.game.score(this.episode)),
      ` · ${this.game.progress(this.episode)}`,
      this.over ? ' · over' : '',
      sorted.length
        ? h('span', { class: 'quiet' }, ` · ${milliseconds(sorted[Math.floor(sorted.length / 2)])} a decision`)
        : null,
    );
  }

  /** Slides everybody to where they are now; at once for people who asked for less motion. */
  #move(before) {
    if (!before || STILL.matches || document.hidden) {
      this.canvas.show(this.#scene());
      return null;
    }
    const start = performance.now();
    return new Promise((done) => {
      const frame = (now) => {
        const at = Math.min(1, (now - start) / 140);
        this.canvas.show(this.#scene(before, at));
        if (at < 1) {
          requestAnimationFrame(frame);
        } else {
          done();
        }
      };
      requestAnimationFrame(frame);
    });
  }

  #scene(before = null, at = 1) {
    return this.game.scene(this.episode, before, at, this.trails);
  }
}

/** Written out, because crypto.randomUUID is closed to pages that come without TLS from another machine. */
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
