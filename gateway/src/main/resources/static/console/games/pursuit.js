// The pursuit game, step for step the one of the experiments (experiments/ld_experiments/pursuit): a test plays both.

import { PythonRandom } from './random.js';

export const MOVES = { north: [0, -1], east: [1, 0], south: [0, 1], west: [-1, 0], stay: [0, 0] };
const RULES = { smallest: 8, largest: 10, obstacles: [6, 10], stepLimit: 30, skill: 0.9, rest: 0.2 };
const UNREACHABLE = 1000;
const AROUND = [MOVES.north, MOVES.east, MOVES.south, MOVES.west];

const same = (one, other) => one.x === other.x && one.y === other.y;
const nameOf = (cell) => `${cell.x},${cell.y}`;

/** A grid with obstacles; answers questions about cells and walking distances. */
export class Board {
  constructor(width, height, obstacles) {
    Object.assign(this, { width, height, obstacles });
    this.closed = new Set(obstacles.map(nameOf));
    this.walks = new Map();
  }

  static of(state) {
    return new Board(state.grid.width, state.grid.height, state.obstacles);
  }

  free(cell) {
    return cell.x >= 0 && cell.x < this.width && cell.y >= 0 && cell.y < this.height && !this.closed.has(nameOf(cell));
  }

  neighbours(cell) {
    return AROUND.map(([dx, dy]) => ({ x: cell.x + dx, y: cell.y + dy })).filter((other) => this.free(other));
  }

  exits(cell) {
    return this.neighbours(cell).length;
  }

  distance(start, end) {
    const name = nameOf(start);
    if (!this.walks.has(name)) {
      this.walks.set(name, this.#walk(start));
    }
    return this.walks.get(name).get(nameOf(end)) ?? UNREACHABLE;
  }

  moved(cell, move) {
    const [dx, dy] = MOVES[move];
    const there = { x: cell.x + dx, y: cell.y + dy };
    return this.free(there) ? there : cell;
  }

  cells() {
    const every = [];
    for (let x = 0; x < this.width; x += 1) {
      for (let y = 0; y < this.height; y += 1) {
        every.push({ x, y });
      }
    }
    return every;
  }

  connected() {
    const free = this.cells().filter((cell) => this.free(cell));
    return this.#walk(free[0]).size === free.length;
  }

  #walk(start) {
    const steps = new Map([[nameOf(start), 0]]);
    const queue = [start];
    for (const cell of queue) {
      for (const other of this.neighbours(cell)) {
        if (!steps.has(nameOf(other))) {
          steps.set(nameOf(other), steps.get(nameOf(cell)) + 1);
          queue.push(other);
        }
      }
    }
    return steps;
  }
}

/** One game in progress. The chasers move one after the other, then the evaders answer. */
export class Episode {
  constructor(seed) {
    this.random = new PythonRandom(`pursuit:${seed}`);
    this.board = this.#drawBoard();
    const places = this.#drawPlaces();
    this.chasers = places.slice(0, 2);
    this.evaders = { a: places[2], b: places[3] };
    this.step = 0;
    this.chaser = 0;
  }

  get over() {
    return !Object.keys(this.evaders).length || this.step >= RULES.stepLimit;
  }

  get captured() {
    return 2 - Object.keys(this.evaders).length;
  }

  state() {
    const { width, height, obstacles } = this.board;
    return {
      grid: { width, height },
      obstacles: [...obstacles].sort((one, other) => one.x - other.x || one.y - other.y),
      me: { ...this.chasers[this.chaser] },
      partner: { ...this.chasers[1 - this.chaser] },
      targets: Object.keys(this.evaders)
        .sort()
        .map((id) => ({ id, ...this.evaders[id] })),
      step: this.step,
    };
  }

  play(output) {
    this.chasers[this.chaser] = this.board.moved(this.chasers[this.chaser], output.move);
    this.#capture();
    if (this.chaser === 0 && Object.keys(this.evaders).length) {
      this.chaser = 1;
      return;
    }
    this.chaser = 0;
    Object.keys(this.evaders)
      .sort()
      .forEach((id) => {
        this.evaders[id] = this.#flee(this.evaders[id]);
      });
    this.#capture();
    this.step += 1;
  }

  #capture() {
    for (const [id, cell] of Object.entries(this.evaders)) {
      if (this.chasers.some((chaser) => same(chaser, cell))) {
        delete this.evaders[id];
      }
    }
  }

  #flee(cell) {
    if (this.random.random() < RULES.rest) {
      return cell;
    }
    const open = this.board.neighbours(cell).filter((other) => !this.chasers.some((chaser) => same(chaser, other)));
    const options = [cell, ...open];
    if (this.random.random() >= RULES.skill) {
      return this.random.choice(options);
    }
    this.random.shuffle(options);
    return options.reduce((best, option) => (safer(this.#safety(option), this.#safety(best)) ? option : best));
  }

  #safety(cell) {
    const away = this.chasers.map((chaser) => this.board.distance(chaser, cell)).sort((one, other) => one - other);
    return [away[0], this.board.exits(cell), away[1]];
  }

  #drawBoard() {
    for (;;) {
      const width = this.random.integer(RULES.smallest, RULES.largest);
      const height = this.random.integer(RULES.smallest, RULES.largest);
      const count = this.random.integer(...RULES.obstacles);
      const board = new Board(width, height, this.random.sample(new Board(width, height, []).cells(), count));
      if (board.connected()) {
        return board;
      }
    }
  }

  #drawPlaces() {
    const free = this.board.cells().filter((cell) => this.board.free(cell));
    for (;;) {
      const places = this.random.sample(free, 4);
      const apart = places
        .slice(0, 2)
        .every((chaser) => places.slice(2).every((evader) => this.board.distance(chaser, evader) > 3));
      if (apart) {
        return places;
      }
    }
  }
}

function safer(one, other) {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at >= 0 && one[at] > other[at];
}
