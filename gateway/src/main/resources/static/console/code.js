// Source in colours. Prism only names the pieces; they are put into the page as text.

import { append, h, replace, script } from './dom.js';

const CORE = '/webjars/prismjs/components/prism-core.min.js';
const GRAMMARS = [
  '/webjars/prismjs/components/prism-clike.min.js',
  '/webjars/prismjs/components/prism-javascript.min.js',
  '/webjars/prismjs/components/prism-python.min.js',
];

/** A block of source; plain at once, coloured as soon as the grammar is there. */
export function source(text, language, label = 'Source') {
  const code = h('code', {}, text);
  coloured(text, language).then(
    (pieces) => replace(code, pieces),
    () => {},
  );
  return h('pre', { class: 'source', tabindex: '0', role: 'region', 'aria-label': label }, code);
}

/** A value as indented JSON. */
export function json(value, label = 'JSON') {
  return source(JSON.stringify(value, null, 2), 'javascript', label);
}

async function coloured(text, language) {
  await script(CORE);
  for (const grammar of GRAMMARS) {
    await script(grammar);
  }
  const grammar = globalThis.Prism.languages[language] ?? globalThis.Prism.languages.javascript;
  return pieces(globalThis.Prism.tokenize(text, grammar));
}

function pieces(content) {
  return [content]
    .flat()
    .map((piece) =>
      typeof piece === 'string' ? piece : append(h('span', { class: `token ${piece.type}` }), pieces(piece.content)),
    );
}
