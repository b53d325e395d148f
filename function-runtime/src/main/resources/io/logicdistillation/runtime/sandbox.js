// Runs once, before any untrusted source, when the template of all sandboxes is made. It takes away whatever would make a
// call depend on anything but its source and arguments, keeps the few originals it needs in this closure, and leaves one
// function behind: $load, which the host calls once per source and which leaves $call behind in its place.
(() => {
  'use strict';
  const host = globalThis.java_invoke;
  const evaluate = globalThis.eval;
  const { parse, stringify } = JSON;
  const { apply, defineProperty } = Reflect;
  const { isArray } = Array;
  const { slice } = String.prototype;
  const { isPrototypeOf } = Object.prototype;
  const promisePrototype = Promise.prototype;

  const kept = [
    'globalThis', 'undefined', 'NaN', 'Infinity', 'Object', 'Function', 'Boolean', 'Number', 'BigInt', 'String', 'Symbol',
    'Math', 'JSON', 'Reflect', 'Proxy', 'RegExp', 'Array', 'Map', 'Set', 'WeakMap', 'WeakSet', 'Promise', 'Iterator',
    'Error', 'AggregateError', 'EvalError', 'InternalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError',
    'URIError', 'parseInt', 'parseFloat', 'isNaN', 'isFinite', 'encodeURI', 'encodeURIComponent', 'decodeURI',
    'decodeURIComponent', 'ArrayBuffer', 'DataView', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array',
    'Uint16Array', 'Int32Array', 'Uint32Array', 'BigInt64Array', 'BigUint64Array', 'Float32Array', 'Float64Array',
  ];
  for (const name of Reflect.ownKeys(globalThis)) {
    if (!kept.includes(name)) {
      delete globalThis[name];
    }
  }
  delete Math.random;
  for (const name of ['captureStackTrace', 'prepareStackTrace', 'stackTraceLimit']) {
    delete Error[name];
  }

  // Code from text: every constructor of functions is reachable from any function through its prototype.
  const refuse = function Function() {
    throw new TypeError('code can not be made from text here');
  };
  const functionPrototype = Function.prototype;
  refuse.prototype = functionPrototype;
  defineProperty(globalThis, 'Function', { value: refuse, writable: true, enumerable: false, configurable: true });
  const prototypes = [function () {}, function* () {}, async function () {}, async function* () {}].map(Object.getPrototypeOf);
  for (const prototype of prototypes) {
    defineProperty(prototype, 'constructor', { value: refuse, writable: true, enumerable: false, configurable: true });
  }

  const leave = (name, value) =>
    defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
  const text = (value) => apply(slice, `${value}`, [0, 400]);
  const describe = (thrown) => {
    try {
      return typeof thrown === 'object' && thrown !== null
        ? `${text(thrown.name)}: ${text(thrown.message)}\n${text(thrown.stack)}`
        : `${typeof thrown} ${text(thrown)}`;
    } catch {
      return 'something that can not be described';
    }
  };

  leave('$load', () => {
    let entryPoints;
    try {
      entryPoints = evaluate(
        '"use strict";' + host('', 'source', '') + '\n;({ __proto__: null,'
          + ' run: typeof run === "function" ? run : undefined, view: typeof view === "function" ? view : undefined })');
    } catch (thrown) {
      host('', 'invalid-source', describe(thrown));
    }
    const call = () => {
      let given;
      try {
        given = parse(host('', 'arguments', ''));
      } catch {
        host('', 'invalid-arguments', '');
      }
      if (!isArray(given)) {
        host('', 'invalid-arguments', '');
      }
      const entryPoint = entryPoints[host('', 'entry-point', '')];
      let value;
      try {
        value = apply(entryPoint, undefined, given);
      } catch (thrown) {
        host('', 'threw', describe(thrown));
      }
      let json;
      try {
        json = stringify(value);
      } catch (thrown) {
        host('', 'invalid-output', describe(thrown));
      }
      if (typeof json !== 'string') {
        host('', 'invalid-output', `returned ${typeof value}`);
      }
      if (typeof value === 'number' && value - value !== 0) {
        host('', 'invalid-output', 'returned a number that JSON does not have');
      }
      if (typeof value === 'object' && apply(isPrototypeOf, promisePrototype, [value])) {
        host('', 'invalid-output', 'returned a promise');
      }
      host('', 'returned', json);
    };
    if (!leave('$call', call)) {
      host('', 'invalid-source', 'the source stands in the way of its own call');
    }
    host('', 'loaded', `${entryPoints.run ? 'run ' : ''}${entryPoints.view ? 'view' : ''}`);
  });
})();
