import type { StoredObject } from '../storage/object-store.ts';
import type { KeySample } from './key-sample.ts';

/** An object to land and the number its rows will carry. */
export interface NumberedObject {
  readonly object: StoredObject;
  readonly objectId: bigint;
}

/** What became of the lines of one object. `linesRead` is counted from the bytes, apart from the parser. */
export interface LandedObject {
  readonly objectId: bigint;
  /** SHA-256 of the content as read (inflated), in hex. */
  readonly contentHash: string;
  /** Bytes parsed, after inflating. */
  readonly contentBytes: number;
  readonly linesRead: number;
  readonly linesLoaded: number;
  readonly linesRejected: number;
  readonly linesBlank: number;
}

/** What landing made of some objects. */
export interface LandedBatch {
  readonly objects: readonly LandedObject[];
  /** The keys that their first lines have. */
  readonly keys: KeySample;
}

/** A line that does not fit, and why. */
export interface Reject {
  readonly objectId: bigint;
  readonly uri: string;
  /** 1-based physical line in the object; always 1 where the source is framed by object. */
  readonly line: number;
  /** The staging column that does not fit, or undefined when the whole line is bad. */
  readonly column: string | undefined;
  /** Says what is wrong without quoting the value. */
  readonly reason: string;
  /** The line, at most 65,000 bytes of UTF-8 cut at a character, invalid bytes escaped as `\xNN`. */
  readonly rawText: string;
}
