/**
 * Draws that are the same on every machine: sfc32 on 32-bit integers, and for the rest only + - * / and comparisons,
 * which IEEE 754 fixes to the bit (Math.log, exp and sin it does not).
 */
export interface Random {
  /** A uniform integer of 32 bits, 0…2^32−1. */
  uint32(): number;
  /** Uniform in [0, 1), a multiple of 2^−32. */
  uniform(): number;
  /** A uniform integer in [0, bound), for a bound of at most 2^32. */
  below(bound: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** Exponential with mean 1. */
  exponential(): number;
  /** Log-normal with sigma 1, scaled to mean 1: most draws are below 0.6, a few are above 5. */
  logNormal(): number;
}

/**
 * A generator for one seed (any safe integer) and one stream: streams of one seed do not disturb each other,
 * so that more users leave the catalogue as it is.
 */
export function createRandom(seed: number, stream: string): Random {
  const uint32 = sfc32(seedWords(seed, stream));
  const uniform = () => uint32() / 4_294_967_296;
  return {
    uint32,
    uniform,
    below: (bound) => Math.floor(uniform() * bound),
    chance: (probability) => uniform() < probability,
    exponential: () => exponential(uniform),
    logNormal: () => exponentialOf(normal(uniform) - 0.5),
  };
}

/** FNV-1a over the seed's digits and the stream's name, one word for each of four salts. */
function seedWords(seed: number, stream: string): readonly number[] {
  return ['a', 'b', 'c', 'd'].map((salt) => {
    let hash = 0x811c9dc5;
    for (const character of `${salt}/${seed}/${stream}`) {
      hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
    }
    return hash | 0;
  });
}

/** Chris Doty-Humphrey's sfc32 (PractRand). The first outputs are thrown away to mix the seed in. */
function sfc32([first = 0, second = 0, third = 0, fourth = 0]: readonly number[]): () => number {
  let a = first;
  let b = second;
  let c = third;
  let counter = fourth;
  const next = () => {
    const out = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return out >>> 0;
  };
  for (let round = 0; round < 16; round += 1) next();
  return next;
}

/** Von Neumann's method: exact, from comparisons alone. The run of falling draws must have odd length. */
function exponential(uniform: () => number): number {
  for (let whole = 0; ; whole += 1) {
    const first = uniform();
    let previous = first;
    let length = 1;
    for (let next = uniform(); next < previous; next = uniform()) {
      previous = next;
      length += 1;
    }
    if (length % 2 === 1) return whole + first;
  }
}

/** Irwin-Hall: twelve uniforms have variance 1. Good to three sigma, and nothing lies beyond six. */
function normal(uniform: () => number): number {
  let sum = -6;
  for (let term = 0; term < 12; term += 1) sum += uniform();
  return sum;
}

/** e^x as (1 + x/1024)^1024: within 1 % for |x| < 4. */
function exponentialOf(x: number): number {
  let power = 1 + x / 1024;
  for (let square = 0; square < 10; square += 1) power *= power;
  return power;
}
