import { docProblems, nameProblems, refuse } from './problems.ts';

/** Where a kind of data comes from, inside a root. */
export interface Source {
  readonly name: string;
  /** What it holds, for the data dictionary. */
  readonly doc: string;
  /** The folder below the root whose `.json`, `.jsonl`, `.ndjson` objects (also with `.gz`) belong to it. */
  readonly folder: string;
  /** 'line': one JSON object a line. 'object': one JSON object a file, newlines inside are blanks. */
  readonly framing: 'line' | 'object';
  /**
   * Key below the root of a Redshift JSONPaths file: its element i fills column i of the staging table. Without one a
   * column is filled from the key it declares.
   */
  readonly jsonPaths?: string;
}

/** @throws MODEL_INVALID listing every problem */
export function defineSource(source: Source): Source {
  const { name, doc, folder } = source;
  const problems = [...nameProblems('source', name), ...docProblems(`source '${name}'`, doc)];
  if (/^\/|\/$|^$|(^|\/)\.\.?(\/|$)/.test(folder)) {
    problems.push(`folder '${folder}' must be a path below the root, without a slash at either end`);
  }
  refuse(`Source '${name}'`, problems);
  return Object.freeze({ ...source });
}
