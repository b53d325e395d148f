// Curves by uPlot, in the theme's colours, with their last values as words for those who do not see them.

import { h, script, stylesheet } from './dom.js';
import { number } from './format.js';

const SCRIPT = '/webjars/uplot/dist/uPlot.iife.min.js';
const STYLE = '/webjars/uplot/dist/uPlot.min.css';
const COLOURS = ['step-a', 'step-d', 'step-c', 'step-b'];
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/**
 * Lines over one axis. `update(x, lines)` draws them anew; a line is {name, values} with null where there is none.
 */
export function curves({ label, x = 'step', time = false, range = null, format = (value) => number(value, 2) }) {
  const place = h(
    'div',
    { class: 'chart', role: 'img', 'aria-label': `${label}: nothing yet` },
    h('p', { class: 'quiet' }, 'Nothing yet.'),
  );
  let plot = null;
  let shown = null;
  const draw = async () => {
    await Promise.all([script(SCRIPT), stylesheet(STYLE)]);
    if (!shown || !place.clientWidth) {
      return;
    }
    plot?.destroy();
    place.replaceChildren();
    plot = new globalThis.uPlot(
      options(place.clientWidth, shown.lines, { x, time, range, format }),
      [shown.x, ...shown.lines.map(({ values }) => values)],
      place,
    );
  };
  let width = 0;
  new ResizeObserver(() => {
    if (place.clientWidth !== width) {
      width = place.clientWidth;
      draw();
    }
  }).observe(place);
  const themed = () => (place.isConnected ? draw() : removeEventListener('ld-theme', themed));
  setTimeout(() => addEventListener('ld-theme', themed));
  return {
    element: place,
    update(values, lines) {
      const grown = plot && shown?.lines.length === lines.length;
      shown = { x: values, lines };
      place.setAttribute(
        'aria-label',
        `${label}. ${lines
          .map((line) => `${line.name}: ${format(line.values.findLast((value) => value !== null) ?? NaN)}`)
          .join(', ')}.`,
      );
      if (grown) {
        plot.setData([values, ...lines.map((line) => line.values)]);
        plot.setLegend({ idx: values.length - 1 });
      } else {
        draw();
      }
    },
  };
}

function options(width, lines, { x, time, range, format }) {
  const axis = {
    stroke: colour('quiet'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { stroke: colour('line') },
    font: '12px system-ui',
  };
  return {
    width,
    height: 220,
    hooks: { ready: [(plot) => plot.setLegend({ idx: plot.data[0].length - 1 })] },
    scales: { x: { time }, y: range ? { range } : {} },
    axes: [
      { ...axis, label: x, labelFont: '12px system-ui' },
      { ...axis, size: 56, values: (_, ticks) => ticks.map(format) },
    ],
    series: [
      { label: x },
      ...lines.map(({ name }, index) => ({
        label: name,
        stroke: colour(COLOURS[index % COLOURS.length]),
        width: 2,
        spanGaps: true,
        points: { show: lines[index].values.filter((value) => value !== null).length < 40 },
        value: (_, value) => (value === null ? '–' : format(value)),
      })),
    ],
  };
}
