// The expert policy of the pursuit game (experiments/ld_experiments/pursuit/expert.py): what its student learned from.

import { Board } from './pursuit.js';

const ADJACENT = 1;
const CLOSE = 4;
const PARTNER_NEAR = 4;

/** A function for each stage, to be imposed on the decision. */
export function teach(state) {
  const board = Board.of(state);
  const target = chooseTarget(state, board);
  const prey = targetOf(target, state, board);
  return { target, approach: chooseApproach(state, board, prey) };
}

function least(targets, rank) {
  return targets.reduce((best, target) => (rank(target) < rank(best) ? target : best));
}

function chooseTarget({ me, partner, targets }, board) {
  if (targets.length === 1) {
    return 'last_one';
  }
  const mine = least(targets, (target) => board.distance(me, target));
  const theirs = least(targets, (target) => board.distance(partner, target));
  const reach = board.distance(me, mine);
  if (reach <= ADJACENT) {
    return 'nearest';
  }
  const corners = targets.filter((target) => board.exits(target) <= 2);
  if (corners.length === 1 && board.distance(me, corners[0]) <= CLOSE) {
    return 'cornered';
  }
  if (board.distance(partner, theirs) < reach) {
    return 'help_partner';
  }
  return mine.id === theirs.id ? 'together' : 'nearest';
}

function targetOf(name, { me, partner, targets }, board) {
  if (name === 'last_one') {
    return targets.at(-1);
  }
  const ranks = {
    nearest: (target) => board.distance(me, target),
    help_partner: (target) => board.distance(partner, target),
    together: (target) => board.distance(me, target) + board.distance(partner, target),
    cornered: (target) => board.exits(target),
  };
  return least(targets, ranks[name]);
}

function chooseApproach({ me, partner }, board, prey) {
  const reach = board.distance(me, prey);
  const partnerNear = board.distance(partner, prey) <= PARTNER_NEAR;
  if (reach <= ADJACENT) {
    return 'pounce';
  }
  if (reach <= CLOSE) {
    return closeIn(board, me, partner, prey, partnerNear);
  }
  return partnerNear ? 'cut_off' : travel(board, me, prey);
}

function closeIn(board, me, partner, prey, partnerNear) {
  const exits = board.exits(prey);
  if (exits > 3) {
    const sameSide = (me.x - prey.x) * (partner.x - prey.x) + (me.y - prey.y) * (partner.y - prey.y) > 0;
    return partnerNear && !sameSide ? 'squeeze' : 'flank';
  }
  if (partnerNear) {
    return 'squeeze';
  }
  return exits <= 2 ? 'guard_exit' : 'pin_to_wall';
}

function travel(board, me, prey) {
  const [dx, dy] = [prey.x - me.x, prey.y - me.y];
  const vertical = Math.abs(dy) >= Math.abs(dx);
  const ahead = vertical ? { x: me.x, y: me.y + (dy > 0 ? 1 : -1) } : { x: me.x + (dx > 0 ? 1 : -1), y: me.y };
  if (!board.free(ahead)) {
    return 'go_around';
  }
  return vertical ? 'close_rows' : 'close_columns';
}
