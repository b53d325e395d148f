// Runs the views and functions of a pack: the sources in the first line, then one JSON request a line in, one answer a line out.
const readline = require('readline');

const load = (sources, name) =>
  Object.fromEntries(Object.entries(sources).map(([key, source]) => [key, new Function(`${source}\nreturn ${name};`)()]));
let loaded;

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line);
  if (!loaded) {
    loaded = { run: load(request.run, 'run'), view: load(request.view, 'view') };
    return;
  }
  process.stdout.write(JSON.stringify(loaded[request.kind][request.name](request.state, request.earlier)) + '\n');
});
