/** How much landing takes at a time. The defaults suit 1 GB of memory; tests lower them to reach every path. */
export interface Limits {
  /** A longer line is a reject; DuckDB's own bound (`maximum_object_size`) lies above it. */
  readonly lineBytes: number;
  /** Line-framed objects from this size on are parsed as files, smaller ones are handed over as text. */
  readonly fileBytes: number;
  /** Content parsed by one statement, which is also what remote objects may take of the disk, twice. */
  readonly groupBytes: number;
  /** Raw text decided by one statement. */
  readonly chunkBytes: number;
  readonly chunkLines: number;
  /** Lines of one group that are looked for in its files one by one; objects beyond it are read again as a whole. */
  readonly suspects: number;
}

export const defaultLimits: Limits = Object.freeze({
  lineBytes: 16_000_000,
  fileBytes: 64 * 1024,
  groupBytes: 512 * 1024 * 1024,
  chunkBytes: 16 * 1024 * 1024,
  chunkLines: 50_000,
  suspects: 500_000,
});

/** DuckDB's default; a statement fails at a line that is longer. */
export const duckdbLineBytes = 16 * 1024 * 1024;
