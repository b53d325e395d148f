// How values read.

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

export function moment(text) {
  return text ? MOMENT.format(new Date(text)) : '–';
}

/** The time of day where it was today, else the day as well. */
export function when(text) {
  const date = new Date(text);
  return DAY.format(date) === DAY.format(new Date()) ? CLOCK.format(date) : MOMENT.format(date);
}

export function number(value, digits = 0) {
  return Number.isFinite(value)
    ? value.toLocaleString(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits })
    : '–';
}

export function milliseconds(value) {
  return Number.isFinite(value) ? `${number(value, value < 10 ? 1 : 0)} ms` : '–';
}

export function seconds(value) {
  if (!Number.isFinite(value)) {
    return '–';
  }
  const minutes = Math.floor(value / 60);
  return minutes ? `${minutes} min ${Math.round(value % 60)} s` : `${Math.round(value)} s`;
}

/** A probability, honest at both ends: what is not quite 1 or 0 does not read as if it were. */
export function probability(value) {
  if (!Number.isFinite(value)) {
    return '–';
  }
  if (value > 0 && value < 0.0001) {
    return '< 0.01 %';
  }
  if (value < 1 && value > 0.9999) {
    return '> 99.99 %';
  }
  return `${number(value * 100, value === 0 || value === 1 ? 0 : value < 0.1 ? 2 : 1)} %`;
}

export function percent(value, digits = 1) {
  return Number.isFinite(value) ? `${number(value * 100, digits)} %` : '–';
}

export function shortHash(hash) {
  return /^(sha256:)?[0-9a-f]{64}$/.test(hash ?? '') ? hash.slice(-64, -56) : (hash ?? '–');
}

/** An output in one line, without the braces where it is one plain value. */
export function brief(value) {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    const entries = Object.entries(value);
    if (entries.length && entries.every(([, one]) => one === null || typeof one !== 'object')) {
      return entries.map(([name, one]) => `${name} ${one}`).join(', ');
    }
  }
  return value === undefined ? '–' : JSON.stringify(value);
}

export function plural(count, one, many = `${one}s`) {
  return `${number(count)} ${count === 1 ? one : many}`;
}
