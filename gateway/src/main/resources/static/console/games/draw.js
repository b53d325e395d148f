// The games on a canvas. Colours come from the page's theme; what is drawn is also said in the canvas's label.

import { h } from '../dom.js';
import { handOf } from './twenty-one.js';

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** A picture of a state of a game that is known here; null of any other. Redrawn when size or theme change. */
export function picture(task, state) {
  const draw = drawer(task, state);
  return draw ? canvas(draw).element : null;
}

function drawer(task, state) {
  try {
    if (/^(pursuit|emergencies)(-outputs)?$/.test(task) && state.grid && state.targets) {
      const scene = pursuitScene(state);
      return { ...scene, ratio: state.grid.height / state.grid.width };
    }
    if (/^twenty-one(-outputs)?$/.test(task) && state.me.cards) {
      return {
        ...tableScene({
          mine: state.me.cards,
          dealer: [state.dealer.card],
          rival: state.rival.cards,
          rivalDone: state.rival.done,
        }),
        ratio: 0.62,
      };
    }
  } catch {
    // A state that only looks like the game's is shown as JSON.
  }
  return null;
}

/** A canvas that keeps up with its size, the pixel density and the theme. `show` draws another scene of the same shape. */
export function canvas(scene) {
  const element = h('canvas', { class: 'board', role: 'img', 'aria-label': scene.label });
  let current = scene;
  const redraw = () => {
    const width = element.clientWidth;
    if (!width || !element.isConnected) {
      return;
    }
    const density = Math.min(globalThis.devicePixelRatio || 1, 3);
    const height = Math.round(width * current.ratio);
    element.style.setProperty('--height', `${height}px`);
    element.width = width * density;
    element.height = height * density;
    const pen = element.getContext('2d');
    pen.scale(density, density);
    current.draw(pen, width, height);
  };
  new ResizeObserver(redraw).observe(element);
  const watch = () => (element.isConnected ? redraw() : removeEventListener('ld-theme', watch));
  setTimeout(() => addEventListener('ld-theme', watch));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  return {
    element,
    show(next) {
      current = next;
      element.setAttribute('aria-label', next.label);
      redraw();
    },
  };
}

/** The board as a state tells it, from the chaser whose turn it is. */
function pursuitScene(state) {
  return pursuit({
    board: { ...state.grid, obstacles: state.obstacles },
    chasers: [state.me, state.partner],
    evaders: Object.fromEntries(state.targets.map(({ id, x, y }) => [id, { x, y }])),
    names: ['me', 'partner'],
    turn: 0,
  });
}

/**
 * @param at how far a move has got that is under way, from 0 to 1; `before` then holds where everybody was
 */
export function pursuit({
  board,
  chasers,
  evaders,
  before = null,
  at = 1,
  trails = [],
  names = ['1', '2'],
  turn = null,
}) {
  const place = (cell) => `${cell.x + 1}/${cell.y + 1}`;
  const label = [
    `Board of ${board.width} by ${board.height}.`,
    ...chasers.map((cell, i) => `Chaser ${names[i]} at ${place(cell)}.`),
    ...Object.entries(evaders).map(([id, cell]) => `Evader ${id} at ${place(cell)}.`),
  ].join(' ');
  return {
    label,
    ratio: board.height / board.width,
    draw(pen, width) {
      const size = width / board.width;
      grid(pen, board, size);
      trails.forEach((trail) => path(pen, trail, size));
      const between = (cell, old) =>
        old ? { x: old.x + (cell.x - old.x) * at, y: old.y + (cell.y - old.y) * at } : cell;
      Object.entries(evaders).forEach(([id, cell]) => evader(pen, between(cell, before?.evaders[id]), size, id));
      chasers.forEach((cell, i) => chaser(pen, between(cell, before?.chasers[i]), size, names[i], turn === i));
    },
  };
}

function grid(pen, board, size) {
  pen.fillStyle = colour('field');
  pen.fillRect(0, 0, board.width * size, board.height * size);
  pen.strokeStyle = colour('line');
  pen.lineWidth = 1;
  pen.beginPath();
  for (let x = 1; x < board.width; x += 1) {
    pen.moveTo(Math.round(x * size) + 0.5, 0);
    pen.lineTo(Math.round(x * size) + 0.5, board.height * size);
  }
  for (let y = 1; y < board.height; y += 1) {
    pen.moveTo(0, Math.round(y * size) + 0.5);
    pen.lineTo(board.width * size, Math.round(y * size) + 0.5);
  }
  pen.stroke();
  pen.fillStyle = colour('wall');
  board.obstacles.forEach(({ x, y }) => {
    pen.beginPath();
    pen.roundRect(x * size + size * 0.08, y * size + size * 0.08, size * 0.84, size * 0.84, size * 0.16);
    pen.fill();
  });
}

const middle = (cell, size) => [(cell.x + 0.5) * size, (cell.y + 0.5) * size];

function path(pen, trail, size) {
  pen.strokeStyle = colour('chaser');
  pen.globalAlpha = 0.28;
  pen.lineWidth = Math.max(2, size * 0.08);
  pen.lineJoin = 'round';
  pen.beginPath();
  trail.forEach((cell, i) => (i ? pen.lineTo(...middle(cell, size)) : pen.moveTo(...middle(cell, size))));
  pen.stroke();
  pen.globalAlpha = 1;
}

function chaser(pen, cell, size, name, turn) {
  const [x, y] = middle(cell, size);
  pen.fillStyle = colour('chaser');
  pen.beginPath();
  pen.arc(x, y, size * 0.34, 0, Math.PI * 2);
  pen.fill();
  if (turn) {
    pen.strokeStyle = colour('chaser');
    pen.lineWidth = Math.max(1.5, size * 0.05);
    pen.beginPath();
    pen.arc(x, y, size * 0.43, 0, Math.PI * 2);
    pen.stroke();
  }
  letter(pen, { me: '1', partner: '2' }[name] ?? name, x, y, size * 0.36, colour('on-chaser'));
}

function evader(pen, cell, size, name) {
  const [x, y] = middle(cell, size);
  const reach = size * 0.38;
  pen.fillStyle = colour('evader');
  pen.beginPath();
  pen.moveTo(x, y - reach);
  pen.lineTo(x + reach, y);
  pen.lineTo(x, y + reach);
  pen.lineTo(x - reach, y);
  pen.closePath();
  pen.fill();
  letter(pen, name, x, y, size * 0.32, colour('on-evader'));
}

function letter(pen, text, x, y, size, fill) {
  pen.fillStyle = fill;
  pen.font = `600 ${size}px system-ui, sans-serif`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(text, x, y + size * 0.06);
}

/** A round of 21 Points: the dealer above, the rival and me below. */
export function tableScene({ mine, dealer, rival, rivalDone, result = null }) {
  const hands = [
    ['Dealer', dealer, ''],
    ['Rival', rival, rivalDone ? 'rests' : 'still draws'],
    ['Me', mine, ''],
  ];
  const points = (cards) => (handOf(cards).rank === 0 ? `${handOf(cards).total}, out` : handOf(cards).total);
  const label =
    hands
      .map(([name, cards, more]) => `${name}: ${cards.join(', ')}, ${points(cards)} points${more ? `, ${more}` : ''}.`)
      .join(' ') + (result === null ? '' : ` Result ${result}.`);
  return {
    label,
    ratio: 0.62,
    draw(pen, width, height) {
      pen.fillStyle = colour('felt');
      pen.fillRect(0, 0, width, height);
      const row = height / 3;
      hands.forEach(([name, cards, more], i) =>
        hand(pen, { name, cards, more, points: points(cards) }, row * i, row, width),
      );
      if (result !== null) {
        verdict(pen, result, width, height);
      }
    },
  };
}

function hand(pen, { name, cards, more, points }, top, row, width) {
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  pen.fillStyle = colour('on-felt');
  pen.font = `600 ${row * 0.17}px system-ui, sans-serif`;
  pen.fillText(name, row * 0.2, top + row * 0.36);
  pen.font = `${row * 0.15}px system-ui, sans-serif`;
  pen.fillText(String(points), row * 0.2, top + row * 0.58);
  if (more) {
    pen.globalAlpha = 0.85;
    pen.fillText(more, row * 0.2, top + row * 0.78);
    pen.globalAlpha = 1;
  }
  const height = row * 0.8;
  const wide = height * 0.7;
  cards.forEach((card, i) => {
    const x = row * 1.25 + i * Math.min(wide * 1.12, (width - row * 1.35) / 5);
    pen.fillStyle = colour('card');
    pen.beginPath();
    pen.roundRect(x, top + row * 0.1, wide, height, wide * 0.12);
    pen.fill();
    letter(pen, card, x + wide / 2, top + row * 0.5, height * 0.42, colour('on-card'));
  });
}

function verdict(pen, result, width, height) {
  const text =
    result > 0 ? `+${Number(result.toFixed(2))}` : result < 0 ? `−${Number(Math.abs(result).toFixed(2))}` : '±0';
  pen.fillStyle = colour(result > 0 ? 'good' : result < 0 ? 'bad' : 'quiet');
  const radius = height * 0.1;
  pen.beginPath();
  pen.roundRect(width - radius * 3.4, height * 0.06, radius * 3, radius * 1.7, radius * 0.5);
  pen.fill();
  letter(pen, text, width - radius * 1.9, height * 0.06 + radius * 0.85, radius, colour('panel'));
}
