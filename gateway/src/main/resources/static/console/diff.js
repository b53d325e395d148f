// What differs between two snapshots, and between two texts line by line.

/** Functions by what became of them, and the parts of the definition that changed. */
export function snapshotDiff(older, newer) {
  const before = byName(older.functions);
  const after = byName(newer.functions);
  const both = [...after.keys()].filter((name) => before.has(name));
  return {
    added: [...after.keys()].filter((name) => !before.has(name)).map((name) => after.get(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)).map((name) => before.get(name)),
    changed: both
      .filter((name) => before.get(name).version !== after.get(name).version)
      .map((name) => ({ name, before: before.get(name), after: after.get(name) })),
    same: both.filter((name) => before.get(name).version === after.get(name).version).length,
    definition: JSON.stringify(older.definition) !== JSON.stringify(newer.definition),
  };
}

const byName = (functions) => new Map(functions.map((one) => [`${one.stage}/${one.name}`, one]));

/** Lines with `+`, `-` or a blank before them; the longest common subsequence stays. */
export function lineDiff(older, newer) {
  const [a, b] = [older.split('\n'), newer.split('\n')];
  if (a.length * b.length > 4_000_000) {
    return [...a.map((line) => ['-', line]), ...b.map((line) => ['+', line])];
  }
  const lengths = lengthsOf(a, b);
  const lines = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push([' ', a[i]]);
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && lengths[i + 1][j] >= lengths[i][j + 1])) {
      lines.push(['-', a[i]]);
      i += 1;
    } else {
      lines.push(['+', b[j]]);
      j += 1;
    }
  }
  return lines;
}

function lengthsOf(a, b) {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      lengths[i][j] = a[i] === b[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  return lengths;
}
