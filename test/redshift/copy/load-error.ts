import type { Refusal } from '../refusal.ts';

/** An error in the data, as SYS_LOAD_ERROR_DETAIL and STL_LOAD_ERRORS keep it (facts 1.13). */
export interface LoadError {
  readonly code: number;
  readonly reason: string;
  /** The address of the object. */
  readonly file: string;
  /** From 1; 0 where no line is meant. */
  readonly line: number;
  readonly column?: string;
  readonly type?: string;
  readonly length?: string;
  /** From 0, in the field. */
  readonly position?: number;
  readonly rawLine?: string;
  readonly rawValue?: string;
}

/** The data cannot be loaded; the errors go to the system tables. */
export class CopyFailure extends Error {
  readonly errors: readonly LoadError[];
  /** What the client is told, where it is not sent to the system tables. */
  readonly refusal: Refusal | undefined;

  constructor(errors: readonly LoadError[], refusal?: Refusal) {
    super('the data cannot be loaded');
    this.errors = errors;
    this.refusal = refusal;
  }
}
