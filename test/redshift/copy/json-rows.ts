import { isUtf8 } from 'node:buffer';
import { LosslessNumber, parse } from 'lossless-json';
import { nodeError, Refusal } from '../refusal.ts';
import { convert, FieldError, type JsonValue } from './convert.ts';
import type { CopyCommand } from './copy-command.ts';
import { type JsonRecord, jsonRecords } from './json-records.ts';
import type { LoadError } from './load-error.ts';
import type { SourceFile } from './source-files.ts';
import type { TargetColumn } from './target-table.ts';

/** The rows of JSON files as texts by column, and what could not be read. */
export interface JsonRows {
  readonly rows: readonly (readonly (string | null)[])[];
  readonly errors: readonly LoadError[];
}

/** How a record gives the values of the columns. */
export type Mapping = (record: JsonValue) => readonly JsonValue[];

/** Reads every record of the files; one that fails is left out and reported. */
export function jsonRows(
  files: readonly SourceFile[],
  columns: readonly TargetColumn[],
  mapping: Mapping,
  { options }: CopyCommand,
): JsonRows {
  const rows: (string | null)[][] = [];
  const errors: LoadError[] = [];
  for (const { url, bytes } of files) {
    for (const record of jsonRecords(bytes)) {
      try {
        const values = mapping(parseRecord(record, columns, mapping, options.get('acceptinvchars')));
        rows.push(columns.map((column, i) => convert(values[i], column, options)));
      } catch (cause) {
        if (!(cause instanceof FieldError)) throw cause;
        errors.push(reported(cause, url, record));
      }
    }
  }
  return { rows, errors };
}

function reported(
  { code, message, column, position, rawValue }: FieldError,
  file: string,
  record: JsonRecord,
): LoadError {
  return {
    code,
    reason: message,
    file,
    line: record.line,
    position,
    rawLine: excerpt(record.bytes.toString('utf8')),
    ...(column && { column: column.name, type: shortType(column.type), length: `${column.length ?? ''}` }),
    ...(rawValue !== undefined && { rawValue: excerpt(rawValue) }),
  };
}

// PostgreSQL keeps no zero bytes.
function excerpt(text: string): string {
  return text.slice(0, 1024).replaceAll('\0', ' ');
}

// As STL_LOAD_ERRORS names types, in ten characters.
function shortType(type: string): string {
  const names: Readonly<Record<string, string>> = {
    'character varying': 'varchar',
    character: 'char',
    smallint: 'int2',
    integer: 'int4',
    bigint: 'int8',
    'double precision': 'float8',
    real: 'float4',
    boolean: 'bool',
    'timestamp without time zone': 'timestamp',
  };
  return names[type] ?? type.slice(0, 10);
}

function parseRecord(
  record: JsonRecord,
  columns: readonly TargetColumn[],
  mapping: Mapping,
  replacement: string | true | undefined,
): JsonValue {
  if (record.isUtf8) return parseText(record.bytes.toString('utf8'));
  if (replacement !== undefined) return parseText(replaceInvalid(record.bytes, String(replacement)));
  // Read byte by byte to find the column whose text is broken.
  const values = mapping(parseText(record.bytes.toString('latin1')));
  const at = values.findIndex((value) => typeof value === 'string' && !isUtf8(Buffer.from(value, 'latin1')));
  const value = values[at];
  const hex = typeof value === 'string' ? Buffer.from(value, 'latin1').toString('hex').slice(0, 8) : '';
  throw new FieldError(
    1220,
    `String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: ${hex} (error 2)`,
    {
      column: columns[at],
    },
  );
}

function parseText(text: string): JsonValue {
  const badHex = /\\u(?![0-9a-fA-F]{4})/.exec(text.replaceAll(/\\\\/g, '  '));
  if (badHex !== null)
    throw new FieldError(1219, 'UTF-8 hexadecimal contains an invalid digit', { position: badHex.index });
  try {
    return parse(text, undefined, (number) => new LosslessNumber(number)) as JsonValue;
  } catch (cause) {
    const position = Number(/position (\d+)/.exec(String(cause))?.[1] ?? 0);
    throw new FieldError(1216, 'Invalid value.', { position });
  }
}

// Byte for byte, so that the length stays (facts 1.7).
function replaceInvalid(bytes: Buffer, replacement: string): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((size) => at + size <= bytes.length && isUtf8(bytes.subarray(at, at + size)));
    text += length === undefined ? replacement : bytes.toString('utf8', at, at + length);
    at += length ?? 1;
  }
  return text;
}

/** Keys of the first level by the names of the columns; `ignorecase` as in 'auto ignorecase' (facts 1.2). */
export function mapByName(columns: readonly TargetColumn[], ignoreCase: boolean): Mapping {
  return (record) => {
    if (!isObject(record)) throw new FieldError(1216, 'Invalid value.', {});
    const fold = (key: string) => (ignoreCase ? key.toLowerCase() : key);
    const byKey = new Map(Object.entries(record).map(([key, value]) => [fold(key), value]));
    return columns.map(({ name }) => byKey.get(name) ?? null);
  };
}

/** The file's paths by the order of the columns (facts 1.2); undefined if it is no JSONPaths file, which means 'auto'. */
export function mapByPaths(file: Buffer, url: string, columns: readonly TargetColumn[]): Mapping | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(file.toString('utf8'));
  } catch {
    throw nodeError(8001, 'Invalid JSONPath format: the file is no JSON', `JSONPath file ${url}`);
  }
  const paths = (parsed as { jsonpaths?: unknown } | null)?.jsonpaths;
  if (paths === undefined) return undefined;
  if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string'))
    throw nodeError(8001, 'Invalid JSONPath format: jsonpaths is no array of strings', `JSONPath file ${url}`);
  if (paths.length !== columns.length) {
    const sizes = `JSONPath size: ${paths.length}, Number of columns in table or column list: ${columns.length}`;
    throw new Refusal('XX000', `Number of jsonpaths and the number of columns should match. ${sizes}`);
  }
  const bracket = paths.filter((path) => path.startsWith('$['));
  if (bracket.length > 0 && paths.some((path) => path.startsWith('$.')))
    throw new Refusal('XX000', 'Invalid JSONPath format: bracket and dot notation are mixed');
  const steps = paths.map((path) => pathSteps(path, url));
  return (record) => steps.map((path) => path.reduce<JsonValue>(follow, record));
}

function pathSteps(path: string, url: string): (string | number)[] {
  const step = /\.([\p{L}\p{N}_-]+)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]/uy;
  const steps: (string | number)[] = [];
  if (!path.startsWith('$')) throw nodeError(8001, `Invalid JSONPath format: ${path}`, `JSONPath file ${url}`);
  for (let at = 1; at < path.length; at = step.lastIndex) {
    step.lastIndex = at;
    const found = step.exec(path);
    if (found === null) throw nodeError(8001, `Invalid JSONPath format: ${path}`, `JSONPath file ${url}`);
    steps.push(found[2] === undefined ? (found[1] ?? found[3] ?? found[4] ?? '') : Number(found[2]));
  }
  return steps;
}

// A key that is missing is NULL, an element that is missing an error (facts 1.2).
function follow(value: JsonValue, step: string | number): JsonValue {
  if (typeof step === 'number') {
    if (!Array.isArray(value) || step >= value.length)
      throw new FieldError(1216, 'Invalid JSONPath format: Not an array or index out of range.', {});
    return value[step];
  }
  if (value === null || value === undefined) return null;
  if (!isObject(value)) throw new FieldError(1216, 'Invalid JSONPath format: Member is not an object.', {});
  return value[step] ?? null;
}

function isObject(value: JsonValue): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof LosslessNumber);
}
