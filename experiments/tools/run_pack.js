// Runs the views and functions of a pack: one JSON request a line in, one answer a line out.
const fs = require('fs');
const path = require('path');
const readline = require('readline');

const pack = process.argv[2];
const load = (folder, name) =>
  Object.fromEntries(
    fs.readdirSync(path.join(pack, folder)).map((file) => {
      const source = fs.readFileSync(path.join(pack, folder, file), 'utf8');
      return [path.basename(file, '.js'), new Function(`${source}\nreturn ${name};`)()];
    }),
  );
const loaded = { run: load('functions', 'run'), view: load('views', 'view') };

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { kind, name, state, earlier } = JSON.parse(line);
  process.stdout.write(JSON.stringify(loaded[kind][name](state, earlier)) + '\n');
});
