// Runs once, before any untrusted source, when the template of all sandboxes is made. It takes away whatever would make a
// call depend on anything but its source and arguments, keeps the few originals it needs in this closure, and evaluates to
// one function, which the host calls once per source; that one returns the function that the host calls once per call.
(() => {
  'use strict';
  const { tell } = globalThis;
  const evaluate = globalThis.eval;
  const { parse, stringify } = JSON;
  const { apply, defineProperty } = Reflect;
  const { isArray } = Array;
  const { slice } = String.prototype;
  const { isPrototypeOf } = Object.prototype;
  // What `tell` takes, in the order of the host's enum GuestExchange.Said.
  const [LOADED, RETURNED, THREW, INVALID_SOURCE, INVALID_OUTPUT, INVALID_ARGUMENTS] = [0, 1, 2, 3, 4, 5];
  const promisePrototype = Promise.prototype;

  // From here to "the end of what is taken away" is what holds a source; a test leaves it out.
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
  // The end of what is taken away.

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

  const loaded = (entryPoints) => (entryPoint, argumentsText) => {
    let given;
    try {
      given = parse(argumentsText);
    } catch {
      tell(INVALID_ARGUMENTS, '');
    }
    if (!isArray(given)) {
      tell(INVALID_ARGUMENTS, '');
    }
    let value;
    try {
      value = apply(entryPoint === 0 ? entryPoints.run : entryPoints.view, undefined, given);
    } catch (thrown) {
      tell(THREW, describe(thrown));
    }
    let json;
    try {
      json = stringify(value);
    } catch (thrown) {
      tell(INVALID_OUTPUT, describe(thrown));
    }
    if (typeof json !== 'string') {
      tell(INVALID_OUTPUT, `returned ${typeof value}`);
    }
    if (typeof value === 'number' && value - value !== 0) {
      tell(INVALID_OUTPUT, 'returned a number that JSON does not have');
    }
    if (typeof value === 'object' && apply(isPrototypeOf, promisePrototype, [value])) {
      tell(INVALID_OUTPUT, 'returned a promise');
    }
    tell(RETURNED, json);
  };

  return (source) => {
    let entryPoints;
    try {
      entryPoints = evaluate(
        '"use strict";' + source + '\n;({ __proto__: null,'
          + ' run: typeof run === "function" ? run : undefined, view: typeof view === "function" ? view : undefined })');
    } catch (thrown) {
      tell(INVALID_SOURCE, describe(thrown));
    }
    tell(LOADED, `${entryPoints.run ? 'run ' : ''}${entryPoints.view ? 'view' : ''}`);
    return loaded(entryPoints);
  };
})();
