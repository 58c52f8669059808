import type { Readable } from 'node:stream';
import { SparkifyError } from '../errors.ts';

/** One file or S3 key as it was listed. */
export interface StoredObject {
  /** Path below the root, with `/`, as stored: `log_data/2018/11/2018-11-01-events.json`. */
  readonly key: string;
  /** How people and the ledger name it: `s3://bucket/prefix/key` or an absolute path. */
  readonly uri: string;
  /** Bytes as stored (compressed size for `.gz`). */
  readonly sizeBytes: number;
  /** Changes whenever the content may have: the ETag on S3; size, mtime, ctime and inode on disk. */
  readonly version: string;
}

/** What lies below a folder: enough to know whether it is what it was, and the objects when they are asked for. */
export interface Listing {
  /** Differs whenever an object is there no more, is new or has another version. */
  readonly digest: string;
  /** Of every object, in any order. */
  readonly keys: readonly string[];
  /** In byte order of the key. */
  objects(): StoredObject[];
}

/**
 * A root that a run reads: a folder, or a bucket with a prefix.
 *
 * Reading is bound to the listed version: what was changed or removed since is an
 * OBJECT_CHANGED error, never other bytes than those the ledger records.
 */
export interface ObjectStore {
  /** The root as people write it, without secrets and without a trailing slash. */
  readonly root: string;
  /**
   * Every object below `folder` (a folder path below the root, '' for all), in byte order of the key.
   * A folder is a folder: `song_data` does not list `song_data_old/x`. A folder that is absent lists nothing.
   * @throws ROOT_NOT_FOUND, STORAGE_DENIED, STORAGE_UNREACHABLE
   */
  list(folder: string): Promise<StoredObject[]>;
  /** As `list`, for a reader that may know the objects already: on disk they take as long to make as to find. */
  survey(folder: string): Promise<Listing>;
  /** The one object with this key, or undefined. */
  find(key: string): Promise<StoredObject | undefined>;
  /**
   * The whole content, inflated where the key ends in `.gz`. For small objects.
   * @throws OBJECT_CHANGED, OBJECT_UNREADABLE (also for a truncated or damaged .gz), STORAGE_DENIED, STORAGE_UNREACHABLE
   */
  read(object: StoredObject): Promise<Buffer>;
  /**
   * The content as a stream, inflated where the key ends in `.gz`; errors as `read`, raised by the stream.
   * @param fromByte where to begin in an object that is not compressed; 0 unless given
   */
  open(object: StoredObject, fromByte?: number): Readable;
  /** The path of a plain file that can be read in place, or undefined where the bytes must be fetched first. */
  localPath(object: StoredObject): string | undefined;
  /**
   * Confirms after reading in place that the object still is the one that was listed. Nothing to do where reads are
   * conditional (S3's If-Match).
   * @throws OBJECT_CHANGED
   */
  confirmUnchanged(objects: readonly StoredObject[]): Promise<void>;
  /** How many reads at once serve this store best. */
  readonly concurrency: number;
  close(): void;
}

const ofOneObject: readonly string[] = ['OBJECT_UNREADABLE', 'OBJECT_CHANGED', 'STORAGE_DENIED'];

/** Whether reading failed for a reason that lies in the one object, so that others may be read all the same. */
export function isUnreadable(error: unknown): error is SparkifyError {
  return error instanceof SparkifyError && ofOneObject.includes(error.code);
}
