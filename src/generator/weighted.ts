import type { Random } from './random.ts';

/** Draws an index, each with a chance in proportion to its weight. */
export type Picker = (random: Random) => number;

/** A picker over integer weights of at least 0, at least one of them above 0. */
export function createPicker(weights: readonly number[]): Picker {
  const upTo = cumulated(weights);
  const total = upTo.at(-1) ?? 0;
  return (random) => firstAbove(upTo, random.below(total));
}

/** Integer weights that fall off with the rank as listens do: 1/(rank + flatness). */
export function zipfWeights(count: number, flatness: number): readonly number[] {
  return Array.from({ length: count }, (_, rank) => Math.ceil(1_000_000 / (rank + flatness)));
}

function cumulated(weights: readonly number[]): Float64Array {
  let sum = 0;
  return Float64Array.from(weights, (weight) => {
    sum += weight;
    return sum;
  });
}

/** The first index whose value is above `point`, by bisection. */
function firstAbove(upTo: Float64Array, point: number): number {
  let low = 0;
  let high = upTo.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((upTo[middle] ?? 0) > point) high = middle;
    else low = middle + 1;
  }
  return low;
}
