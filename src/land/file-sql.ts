import type { Staging, StagingColumn } from '../model/staging.ts';
import { comment, identifier, list, textLiteral } from '../sql/quote.ts';
import {
  beyondRange,
  columnsSql,
  condition,
  containsNul,
  numberPattern,
  startsNested,
  textName,
} from './columns-sql.ts';
import { duckdbType, keyTree } from './key-tree.ts';
import { duckdbLineBytes } from './limits.ts';
import type { Mapping } from './mapping.ts';
import type { Scan } from './scan.ts';

/** What the statement needs to know of a file. */
export interface ParsedFile {
  readonly path: string;
  readonly tally: { readonly objectId: bigint };
  readonly scan: Pick<Scan, 'longestLineBytes' | 'hasEscapedNul'>;
}

/** Longest text that the parser makes of a JSON number, generously: a printed number can be longer than it was. */
const numberBytes = 32;

/** Names that DuckDB's reader gives to columns of its own. */
const readerColumns = ['file_index', 'filename', 'file_row_number', 'rowid'];

/** Whether the keys can be the reader's columns. */
export function canReadFiles({ paths }: Mapping): boolean {
  return Object.values(paths).every(([head = '']) => !readerColumns.includes(head.toLowerCase()));
}

/**
 * One statement that parses files straight into the landing table. A line that may not fit (a superset of those that
 * do not) gets its object's number with a minus sign; a line that is no JSON object arrives as a row of NULLs, which
 * lacks its required columns.
 */
export function fileSql(staging: Staging, { paths }: Mapping, landing: string, files: readonly ParsedFile[]): string {
  const columns = columnsSql(staging, () => 'true');
  const names = columns.map(({ name }) => identifier(name));
  const tree = keyTree(Object.values(paths));
  const types = [...tree].map(([key, below]) => `${identifier(key)}: ${textLiteral(duckdbType(below))}`);
  return `${comment(`land ${staging.name}: parse ${files.length} objects`)}
insert into ${landing} ${list([...names, '"object_id"'])}
select ${names.join(', ')}, case when ${suspicions(staging, files).join('\n  or ')} then -"$$id" else "$$id" end
from (
  select *, ${columns.map(({ name, value }) => `${value} as ${identifier(name)}`).join(',\n    ')}
  from (
    select ${columns.map(({ name, text }) => `${(paths[name] ?? []).map(identifier).join('.')} as ${text}`).join(', ')},
      ${numberOfFile(files)} as "$$id"
    from read_json(
      [${files.map(({ path }) => textLiteral(pattern(path))).join(', ')}],
      columns = {${types.join(', ')}},
      format = 'newline_delimited', records = true, ignore_errors = true, hive_partitioning = false,
      compression = 'uncompressed', maximum_object_size = ${duckdbLineBytes})
  )
)`;
}

/** The object's number, from the index of its file: an offset for each run of numbers, which is faster than a list. */
function numberOfFile(files: readonly ParsedFile[]): string {
  const offsets = files.map(({ tally }, index) => tally.objectId - BigInt(index));
  const ends = offsets.flatMap((offset, index) => (offset === offsets[index + 1] ? [] : [{ offset, index }]));
  const cases = ends.slice(0, -1).map(({ offset, index }) => `when file_index <= ${index} then ${offset}`);
  const last = `${ends.at(-1)?.offset}`;
  return `file_index::bigint + ${cases.length === 0 ? last : `(case ${cases.join(' ')} else ${last} end)`}::bigint`;
}

/** `*`, `?` and `[` are patterns in a path. */
function pattern(path: string): string {
  return path.replaceAll(/[*?[]/g, '[$&]');
}

function suspicions(staging: Staging, files: readonly ParsedFile[]): string[] {
  const longest = Math.max(numberBytes, ...files.map(({ scan }) => scan.longestLineBytes));
  const hasNul = files.some(({ scan }) => scan.hasEscapedNul);
  const missing = (columns: readonly string[]) => columns.map((name) => `${identifier(name)} is null`).join(' or ');
  return [
    ...Object.entries(staging.columns).flatMap(([name, column]) => [
      ...ownSuspicions(name, column, longest, hasNul),
      ...(column.required ? [missing([name])] : []),
    ]),
    ...staging.requiredWhen
      .filter(({ columns }) => columns.length > 0)
      .map(({ when, columns }) => `(${condition(when)} and (${missing(columns)}))`),
  ];
}

/** Conditions that are cheap: true where the value may not fit, false or NULL where it surely does. */
function ownSuspicions(name: string, column: StagingColumn, longest: number, hasNul: boolean): string[] {
  const text = textName(name);
  const value = identifier(name);
  const { type } = column;
  if (type.kind === 'text') {
    return [
      startsNested(text),
      // No text can be longer than its line.
      ...(type.bytes < longest ? [`strlen(${value}) > ${type.bytes}`] : []),
      ...(hasNul ? [containsNul(text)] : []),
    ];
  }
  if (type.kind === 'integer') {
    return [
      `(${value}::varchar is distinct from ${text} and ${text} <> '')`,
      ...(column.range ? [beyondRange(value, column)] : []),
    ];
  }
  return [
    `(${text} <> '' and (${value} is null or not regexp_full_match(${text}, ${numberPattern})))`,
    `not isfinite(${value})`,
  ];
}
