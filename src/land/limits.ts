/** How much landing takes at a time. The defaults suit 1 GB of memory; tests lower them to reach every path. */
export interface Limits {
  /** A longer line is a reject; DuckDB's own bound (`maximum_object_size`) lies above it. */
  readonly lineBytes: number;
  /** Line-framed objects from this size on are parsed as files, smaller ones are handed over as text. */
  readonly fileBytes: number;
  /** Content parsed by one statement. Large, since a statement begins and ends with one thread busy only. */
  readonly groupBytes: number;
  /** Content copied to the temporary folder for one statement; the next one's may be there already. */
  readonly copyBytes: number;
  /** Content of one batch whose rows may be parsed into a table aside, where they take about as much memory. */
  readonly asideBytes: number;
  /** Raw text decided by one statement. */
  readonly chunkBytes: number;
  readonly chunkLines: number;
  /** Lines of one group that are looked for in its files one by one; objects beyond it are read again as a whole. */
  readonly suspects: number;
  /** Of each object so many lines, from the first, are looked through for their keys; and no more bytes of them. */
  readonly sampleLines: number;
  readonly sampleBytes: number;
}

export const defaultLimits: Limits = Object.freeze({
  lineBytes: 16_000_000,
  fileBytes: 64 * 1024,
  groupBytes: 4 * 1024 ** 3,
  copyBytes: 512 * 1024 ** 2,
  asideBytes: 512 * 1024 ** 2,
  chunkBytes: 16 * 1024 ** 2,
  chunkLines: 50_000,
  suspects: 2_000_000,
  sampleLines: 1_000,
  sampleBytes: 4 * 1024 ** 2,
});

/** DuckDB's default; a statement fails at a line that is longer. */
export const duckdbLineBytes = 16 * 1024 * 1024;
