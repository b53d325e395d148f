// Python's random.Random(text), so that a seed means the same board here as in the experiments.

const WORD = 2n ** 64n;

export class PythonRandom {
  constructor(seed) {
    this.state = new Uint32Array(624);
    this.index = 624;
    this.#seedBy(wordsOf(seed));
  }

  random() {
    const high = this.#next() >>> 5;
    const low = this.#next() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  below(n) {
    const bits = 32 - Math.clz32(n);
    let drawn = this.#next() >>> (32 - bits);
    while (drawn >= n) {
      drawn = this.#next() >>> (32 - bits);
    }
    return drawn;
  }

  /** Both ends included. */
  integer(low, high) {
    return low + this.below(high - low + 1);
  }

  choice(list) {
    return list[this.below(list.length)];
  }

  shuffle(list) {
    for (let i = list.length - 1; i > 0; i -= 1) {
      const j = this.below(i + 1);
      [list[i], list[j]] = [list[j], list[i]];
    }
  }

  sample(list, count) {
    const crowded = 21 + (count > 5 ? 4 ** Math.ceil(Math.log(count * 3) / Math.log(4)) : 0);
    return list.length <= crowded ? this.#fromPool([...list], count) : this.#byTrial(list, count);
  }

  #fromPool(pool, count) {
    return Array.from({ length: count }, (_, i) => {
      const j = this.below(pool.length - i);
      const drawn = pool[j];
      pool[j] = pool[pool.length - i - 1];
      return drawn;
    });
  }

  #byTrial(list, count) {
    const taken = new Set();
    while (taken.size < count) {
      taken.add(this.below(list.length));
    }
    return [...taken].map((index) => list[index]);
  }

  #seedBy(key) {
    const state = this.state;
    state[0] = 19650218;
    for (let i = 1; i < 624; i += 1) {
      state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
    let i = 1;
    for (let k = 0; k < Math.max(624, key.length); k += 1) {
      const j = k % key.length;
      state[i] = (state[i] ^ Math.imul(state[i - 1] ^ (state[i - 1] >>> 30), 1664525)) + key[j] + j;
      i = this.#wrapped(i + 1);
    }
    for (let k = 0; k < 623; k += 1) {
      state[i] = (state[i] ^ Math.imul(state[i - 1] ^ (state[i - 1] >>> 30), 1566083941)) - i;
      i = this.#wrapped(i + 1);
    }
    state[0] = 0x80000000;
  }

  #wrapped(i) {
    if (i < 624) {
      return i;
    }
    this.state[0] = this.state[623];
    return 1;
  }

  #next() {
    if (this.index === 624) {
      this.#twist();
    }
    let word = this.state[this.index];
    this.index += 1;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  #twist() {
    const state = this.state;
    for (let i = 0; i < 624; i += 1) {
      const mixed = (state[i] & 0x80000000) | (state[(i + 1) % 624] & 0x7fffffff);
      state[i] = state[(i + 397) % 624] ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
    }
    this.index = 0;
  }
}

/** The seed's bytes followed by their SHA-512, as 32-bit words, the lowest first. */
function wordsOf(text) {
  const bytes = new TextEncoder().encode(text);
  let number = BigInt(`0x${[...bytes, ...sha512(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`);
  const words = [];
  for (; number > 0n; number >>= 32n) {
    words.push(Number(number & 0xffffffffn));
  }
  return words;
}

const PRIMES = [];
for (let n = 2n; PRIMES.length < 80; n += 1n) {
  if (PRIMES.every((prime) => n % prime)) {
    PRIMES.push(n);
  }
}
const ROUNDS = PRIMES.map((prime) => root(prime << 192n, 3n) % WORD);
const START = PRIMES.slice(0, 8).map((prime) => root(prime << 128n, 2n) % WORD);

/** The whole part of a root, by Newton's method from above. */
function root(value, degree) {
  let guess = 1n << 70n;
  for (;;) {
    const better = ((degree - 1n) * guess + value / guess ** (degree - 1n)) / degree;
    if (better >= guess) {
      return guess;
    }
    guess = better;
  }
}

/** Written out, because the browser's own is closed to pages that come without TLS from another machine. */
function sha512(bytes) {
  const length = bytes.length;
  const padded = new Uint8Array(Math.ceil((length + 17) / 128) * 128);
  padded.set(bytes);
  padded[length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, length * 8);
  let hash = START;
  for (let at = 0; at < padded.length; at += 128) {
    hash = compressed(
      hash,
      Array.from({ length: 16 }, (_, i) => view.getBigUint64(at + i * 8)),
    );
  }
  const out = new DataView(new ArrayBuffer(64));
  hash.forEach((word, i) => out.setBigUint64(i * 8, word));
  return new Uint8Array(out.buffer);
}

function compressed(hash, words) {
  const turn = (x, n) => ((x >> n) | (x << (64n - n))) % WORD;
  for (let i = 16; i < 80; i += 1) {
    const [w15, w2] = [words[i - 15], words[i - 2]];
    const s0 = turn(w15, 1n) ^ turn(w15, 8n) ^ (w15 >> 7n);
    const s1 = turn(w2, 19n) ^ turn(w2, 61n) ^ (w2 >> 6n);
    words.push((words[i - 16] + s0 + words[i - 7] + s1) % WORD);
  }
  let [a, b, c, d, e, f, g, k] = hash;
  for (let i = 0; i < 80; i += 1) {
    const s1 = turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n);
    const one = k + s1 + ((e & f) ^ ((WORD - 1n - e) & g)) + ROUNDS[i] + words[i];
    const s0 = turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n);
    [k, g, f, e, d, c, b, a] = [g, f, e, (d + one) % WORD, c, b, a, (one + s0 + ((a & b) ^ (a & c) ^ (b & c))) % WORD];
  }
  return [a, b, c, d, e, f, g, k].map((word, i) => (word + hash[i]) % WORD);
}
