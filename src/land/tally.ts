import type { NumberedObject } from './landed.ts';

/** What is known of an object so far, in the course of landing it. */
export interface Tally extends NumberedObject {
  contentHash: string;
  contentBytes: number;
  linesRead: number;
  linesBlank: number;
  linesRejected: number;
}

export function newTally({ object, objectId }: NumberedObject): Tally {
  return { object, objectId, contentHash: '', contentBytes: 0, linesRead: 0, linesBlank: 0, linesRejected: 0 };
}

/** The least and the greatest number of some objects, of which there must be one. */
export function boundsOf(tallies: readonly Tally[]): { readonly low: bigint; readonly high: bigint } {
  const [low, high] = tallies.reduce<[bigint?, bigint?]>(
    ([least, greatest], { objectId }) => [
      least === undefined || objectId < least ? objectId : least,
      greatest === undefined || objectId > greatest ? objectId : greatest,
    ],
    [],
  );
  if (low === undefined || high === undefined) throw new RangeError('there is no object');
  return { low, high };
}
