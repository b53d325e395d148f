// What a function's source may be made of. Runs behind acorn in a sandbox of its own; `run(source)` gives what it found.
//
// It is the first of two walls, and the one that explains: the sandbox takes away what is refused here, and what can not be seen in
// a text (a computed member, for example) only the sandbox can stop.
function run(source) {
  const KNOWN = new Set([
    'undefined', 'NaN', 'Infinity', 'Object', 'Boolean', 'Number', 'BigInt', 'String', 'Symbol', 'Math', 'JSON', 'RegExp',
    'Array', 'Map', 'Set', 'WeakMap', 'WeakSet', 'Iterator', 'Error', 'AggregateError', 'EvalError', 'RangeError',
    'ReferenceError', 'SyntaxError', 'TypeError', 'URIError', 'parseInt', 'parseFloat', 'isNaN', 'isFinite', 'encodeURI',
    'encodeURIComponent', 'decodeURI', 'decodeURIComponent', 'ArrayBuffer', 'DataView', 'Int8Array', 'Uint8Array',
    'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'BigInt64Array', 'BigUint64Array',
    'Float32Array', 'Float64Array', 'arguments',
  ]);
  // Refused wherever they stand, so that no local name can hide one.
  const FORBIDDEN = new Map([
    ['Date', 'clock'], ['performance', 'clock'], ['Temporal', 'clock'], ['WeakRef', 'clock'], ['FinalizationRegistry', 'clock'],
    ['crypto', 'randomness'],
    ['eval', 'reflection'], ['Function', 'reflection'], ['Reflect', 'reflection'], ['Proxy', 'reflection'],
    ['globalThis', 'reflection'], ['WebAssembly', 'reflection'],
    ['fetch', 'io'], ['XMLHttpRequest', 'io'], ['WebSocket', 'io'], ['console', 'io'],
    ['require', 'import'],
    ['setTimeout', 'timer'], ['setInterval', 'timer'], ['setImmediate', 'timer'], ['queueMicrotask', 'timer'],
    ['SharedArrayBuffer', 'threads'], ['Atomics', 'threads'], ['Worker', 'threads'],
    ['Promise', 'asynchronous'],
  ]);
  const HOST = new Map([
    ['process', 'io'], ['Deno', 'io'], ['Bun', 'io'], ['std', 'io'], ['os', 'io'], ['module', 'import'], ['exports', 'import'],
    ['window', 'reflection'], ['self', 'reflection'], ['global', 'reflection'],
  ]);
  const MEMBERS = new Set([
    'constructor', '__proto__', '__defineGetter__', '__defineSetter__', '__lookupGetter__', '__lookupSetter__', 'caller', 'callee',
  ]);
  const OF_OBJECT = new Set([
    'setPrototypeOf', 'getPrototypeOf', 'defineProperty', 'defineProperties', 'getOwnPropertyDescriptor',
    'getOwnPropertyDescriptors', 'getOwnPropertyNames', 'getOwnPropertySymbols',
  ]);
  const AT_TOP = new Set(['FunctionDeclaration', 'ClassDeclaration', 'VariableDeclaration', 'EmptyStatement']);
  const MOST = 20;

  const findings = [];
  const find = (rule, node, message) => {
    if (findings.length < MOST) {
      findings.push({ rule, message, line: node.loc.start.line - 1, column: node.loc.start.column + 1 });
    }
  };

  let program;
  try {
    program = acorn.parse(`'use strict';\n${source}`, { ecmaVersion: 2023, sourceType: 'script', locations: true });
  } catch (error) {
    if (!(error instanceof SyntaxError)) {
      throw error;
    }
    const at = error.loc || { line: 1, column: 0 };
    const message = String(error.message).replace(/ \(\d+:\d+\)$/, '');
    const rule = /import|export/.test(message) ? 'import' : 'syntax';
    return { findings: [{ rule, message, line: at.line - 1, column: at.column + 1 }], names: [] };
  }

  const isNode = (value) => value !== null && typeof value === 'object' && typeof value.type === 'string';
  const children = (node) => {
    const found = [];
    for (const key of Object.keys(node)) {
      const value = node[key];
      if (Array.isArray(value)) {
        found.push(...value.filter(isNode).map((child) => [key, child]));
      } else if (isNode(value)) {
        found.push([key, value]);
      }
    }
    return found;
  };
  // The name of a member that can be read in the text.
  const nameOf = (key, computed) => {
    if (!computed && (key.type === 'Identifier' || key.type === 'PrivateIdentifier')) {
      return key.type === 'Identifier' ? key.name : '';
    }
    if (key.type === 'Literal') {
      return String(key.value);
    }
    return key.type === 'TemplateLiteral' && key.expressions.length === 0 ? key.quasis[0].value.cooked : '';
  };

  const declared = new Set();
  const declare = (pattern) => {
    if (!isNode(pattern)) {
      return;
    }
    switch (pattern.type) {
      case 'Identifier': declared.add(pattern.name); break;
      case 'ObjectPattern': pattern.properties.forEach((each) => declare(each.type === 'RestElement' ? each : each.value)); break;
      case 'ArrayPattern': pattern.elements.forEach(declare); break;
      case 'AssignmentPattern': declare(pattern.left); break;
      case 'RestElement': declare(pattern.argument); break;
    }
  };
  const collect = (node) => {
    if (/Function/.test(node.type)) {
      declare(node.id);
      node.params.forEach(declare);
    } else if (/^Class/.test(node.type) && node.type !== 'ClassBody') {
      declare(node.id);
    } else if (node.type === 'VariableDeclarator') {
      declare(node.id);
    } else if (node.type === 'CatchClause') {
      declare(node.param);
    }
    children(node).forEach(([, child]) => collect(child));
  };
  collect(program);

  const isKey = (node, parent, role) =>
    (parent.type === 'MemberExpression' && role === 'property' && !parent.computed)
      || ((parent.type === 'Property' || parent.type === 'MethodDefinition' || parent.type === 'PropertyDefinition')
        && role === 'key' && !parent.computed && !parent.shorthand)
      || (role === 'label');

  const identifier = (node, parent, role) => {
    if (isKey(node, parent, role)) {
      return;
    }
    const { name } = node;
    if (FORBIDDEN.has(name)) {
      find(FORBIDDEN.get(name), node, `'${name}' must not be used`);
    } else if (!declared.has(name) && !KNOWN.has(name)) {
      find(HOST.get(name) || 'unknown-name', node, `'${name}' is not declared here and is none of the language's own names`);
    } else if ((name === 'Math' || name === 'Object') && !(parent.type === 'MemberExpression' && role === 'object')
      && !(name === 'Object' && (parent.type === 'CallExpression' || parent.type === 'NewExpression') && role === 'callee')) {
      find('reflection', node, `'${name}' may only be used as ${name}.something`);
    }
  };

  const member = (node) => {
    const name = nameOf(node.property, node.computed);
    const of = node.object.type === 'Identifier' ? node.object.name : '';
    if (MEMBERS.has(name)) {
      find('reflection', node.property, `the member '${name}' must not be used`);
    } else if (of === 'Math' && (name === 'random' || (node.computed && name === ''))) {
      find('randomness', node.property, name === 'random' ? 'Math.random must not be used' : 'a member of Math must be named');
    } else if (of === 'Object' && (OF_OBJECT.has(name) || (node.computed && name === ''))) {
      find('reflection', node.property, name === '' ? 'a member of Object must be named' : `Object.${name} must not be used`);
    }
  };

  const visit = (node, parent, role) => {
    switch (node.type) {
      case 'Identifier': identifier(node, parent, role); break;
      case 'MemberExpression': member(node); break;
      case 'Property':
        if (MEMBERS.has(nameOf(node.key, node.computed)) && (parent.type === 'ObjectPattern' || nameOf(node.key, node.computed) === '__proto__')) {
          find('reflection', node.key, `the member '${nameOf(node.key, node.computed)}' must not be used`);
        }
        break;
      case 'ImportExpression': find('import', node, 'nothing can be imported'); break;
      case 'DebuggerStatement': find('syntax', node, 'a debugger statement has no place here'); break;
      case 'AwaitExpression': find('asynchronous', node, 'nothing can be awaited'); break;
    }
    if (node.async === true) {
      find('asynchronous', node, 'a function must not be async: its answer would be a promise');
    }
    children(node).forEach(([key, child]) => visit(child, node, key));
  };

  const names = [];
  for (const statement of program.body.slice(1)) {
    if (!AT_TOP.has(statement.type) && !(statement.type === 'ExpressionStatement' && statement.directive)) {
      find('top-level', statement, 'only functions, classes and variables may stand at the top level');
    }
    if (statement.type === 'FunctionDeclaration') {
      names.push(statement.id.name);
    } else if (statement.type === 'VariableDeclaration') {
      names.push(...statement.declarations.filter((each) => each.id.type === 'Identifier').map((each) => each.id.name));
    }
  }
  visit(program, program, '');
  return { findings, names };
}
