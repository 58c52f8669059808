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
