// 21 Points, card for card the game of the experiments (experiments/ld_experiments/twenty_one): a test plays both.

import { PythonRandom } from './random.js';

const CARDS = ['A', '2', '3', '4', '5', '6', '7', '8', '9', '10', 'J', 'Q', 'K'];
export const ROUNDS = 10;
const BEST = 21;
const MOST_CARDS = 5;
const OUT = 0;
const FIVE = 22;
const NATURAL = 23;
const DEALER_STANDS = 17;
const RIVAL_STANDS = 16;

/** What counts of a hand. `low` is its points with every ace as one. */
export function handOf(cards) {
  const low = cards.reduce((sum, card) => sum + (card === 'A' ? 1 : Number(card) || 10), 0);
  const soft = cards.includes('A') && low + 10 <= BEST;
  const total = soft ? low + 10 : low;
  const doubles = cards.length === 2 && !soft && low >= 9 && low <= 11;
  const rank = rankOf(total, cards.length);
  return { low, soft, total, rank, doubles, full: rank === OUT || cards.length >= MOST_CARDS };
}

function rankOf(total, cards) {
  if (total > BEST) {
    return OUT;
  }
  if (cards >= MOST_CARDS) {
    return FIVE;
  }
  return cards === 2 && total === BEST ? NATURAL : total;
}

function rests(cards) {
  const hand = handOf(cards);
  return hand.full || hand.total >= RIVAL_STANDS;
}

/** One round in progress: the cards on the table and the deck that they come from. */
export class Round {
  constructor(deck) {
    const draw = () => deck.choice(CARDS);
    this.deck = deck;
    this.mine = [draw(), draw()];
    this.dealer = [draw()];
    this.rival = [draw(), draw()];
    const first = deck.random() < 0.5;
    while (first && !rests(this.rival)) {
      this.rival.push(draw());
    }
    this.rivalDone = first || rests(this.rival);
    this.over = false;
    this.doubled = false;
  }

  play(wanted) {
    const action = wanted === 'double' && !handOf(this.mine).doubles ? 'hit' : wanted;
    this.doubled = action === 'double';
    if (action !== 'stand') {
      this.mine.push(this.deck.choice(CARDS));
    }
    this.over = action !== 'hit' || handOf(this.mine).full;
  }

  /** The others play their hands out; answers what the round really won or lost, in stakes. */
  settle() {
    while (!rests(this.rival)) {
      this.rival.push(this.deck.choice(CARDS));
    }
    this.rivalDone = true;
    while (!handOf(this.dealer).full && (this.dealer.length < 2 || handOf(this.dealer).total < DEALER_STANDS)) {
      this.dealer.push(this.deck.choice(CARDS));
    }
    const rank = handOf(this.mine).rank;
    const others = [handOf(this.rival).rank, handOf(this.dealer).rank];
    return (this.doubled ? 2 : 1) * payout(rank, others);
  }
}

function payout(rank, others) {
  if (rank === OUT || rank < Math.max(...others)) {
    return -1;
  }
  return 3 / (1 + others.filter((other) => other === rank).length) - 1;
}

/** Ten rounds, one after the other, each with a deck of its own. */
export class Episode {
  constructor(seed) {
    this.seed = seed;
    this.results = [];
    this.step = 0;
    this.#deal();
  }

  get over() {
    return this.results.length === ROUNDS;
  }

  get won() {
    return this.results.reduce((sum, result) => sum + result, 0);
  }

  state() {
    const { mine, dealer, rival, rivalDone } = this.round;
    return {
      me: { cards: [...mine] },
      dealer: { card: dealer[0] },
      rival: { cards: [...rival], done: rivalDone },
      round: this.number,
    };
  }

  play(output) {
    this.round.play(output.action);
    this.step += 1;
    if (!this.round.over) {
      return;
    }
    this.results.push(this.round.settle());
    this.last = { round: this.round, result: this.results.at(-1) };
    if (!this.over) {
      this.#deal();
    }
  }

  get number() {
    return Math.min(this.results.length + 1, ROUNDS);
  }

  #deal() {
    this.round = new Round(new PythonRandom(`twenty-one:${this.seed}:${this.results.length}`));
  }
}
