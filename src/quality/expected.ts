import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { QueryResult, Session, Value } from '../engines/engine.ts';
import { messageOf, SparkifyError } from '../errors.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { readQueries } from './queries.ts';

/** One cell, row or column that is not as expected. Rows count from 1, after the header. */
export interface CellDifference {
  readonly row: number;
  /** undefined where a whole row is missing or too many */
  readonly column: string | undefined;
  readonly expected: string | undefined;
  readonly actual: string | undefined;
}

export interface ExpectedResult {
  readonly query: string;
  readonly matches: boolean;
  readonly rows: number;
  readonly differences: readonly CellDifference[];
}

/** Doubles are equal within this, relative to the larger one. */
const tolerance = 1e-9;

/**
 * Runs the query named like each CSV file of a folder and compares the result with it: same columns, same rows, same
 * order. NULL is an empty field.
 * @throws USAGE when the folder cannot be read, holds no CSV, or a file has no query of its name
 */
export async function compareExpected(
  warehouse: Warehouse,
  session: Session,
  folder: string,
): Promise<readonly ExpectedResult[]> {
  const files = await expectedFiles(folder);
  const queries = new Map((await readQueries(warehouse)).map((query) => [query.name, query]));
  const results: ExpectedResult[] = [];
  for (const file of files) {
    const name = file.slice(0, -4);
    const query = queries.get(name);
    if (!query) {
      throw new SparkifyError('USAGE', `${join(folder, file)} has no query of its name.`, {
        hint: `Queries are ${[...queries.keys()].join(', ')}.`,
      });
    }
    results.push(
      compare(name, parseCsv(await readFile(join(folder, file), 'utf8'), file), await session.query(query.sql)),
    );
  }
  return results;
}

async function expectedFiles(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder).catch((cause: unknown) => {
    throw new SparkifyError('USAGE', `The expected results cannot be read: ${messageOf(cause)}`, {
      hint: 'Give a folder with one NAME.csv for each query to compare.',
      cause,
    });
  });
  const found = files.filter((file) => file.endsWith('.csv')).sort();
  if (found.length > 0) return found;
  throw new SparkifyError('USAGE', `${folder} holds no CSV file.`, {
    hint: 'Expected results are files named NAME.csv after the queries.',
  });
}

function parseCsv(text: string, file: string): readonly (readonly string[])[] {
  try {
    return parse(text, { bom: true, relax_column_count: true });
  } catch (cause) {
    throw new SparkifyError('USAGE', `${file} is no CSV: ${messageOf(cause)}`, { cause });
  }
}

function compare(
  query: string,
  [header = [], ...expected]: readonly (readonly string[])[],
  actual: QueryResult,
): ExpectedResult {
  const columns = actual.columns.map(({ name }) => name);
  if (header.join('\0') !== columns.join('\0')) {
    const difference = { row: 0, column: undefined, expected: header.join(','), actual: columns.join(',') };
    return { query, matches: false, rows: actual.rows.length, differences: [difference] };
  }
  const length = Math.max(expected.length, actual.rows.length);
  const differences = Array.from({ length }, (_, index) => compareRow(index, columns, expected[index], actual)).flat();
  return { query, matches: differences.length === 0, rows: actual.rows.length, differences };
}

function compareRow(
  index: number,
  columns: readonly string[],
  expected: readonly string[] | undefined,
  actual: QueryResult,
): CellDifference[] {
  const row = index + 1;
  const found = actual.rows[index];
  if (!expected || !found) {
    return [{ row, column: undefined, expected: expected?.join(','), actual: found?.map(cellText).join(',') }];
  }
  return columns.flatMap((column, position) => {
    const cell = { row, column, expected: expected[position], actual: cellText(found[position] ?? null) };
    return sameCell(cell.expected, cell.actual, actual.columns[position]?.kind === 'double') ? [] : [cell];
  });
}

/** How a value stands in a CSV: NULL is empty. */
function cellText(value: Value): string {
  return value === null ? '' : String(value);
}

function sameCell(expected: string | undefined, actual: string, isDouble: boolean): boolean {
  if (expected === actual) return true;
  if (!isDouble || expected === undefined || expected === '' || actual === '') return false;
  const [left, right] = [Number(expected), Number(actual)];
  return Math.abs(left - right) <= tolerance * Math.max(Math.abs(left), Math.abs(right), 1);
}
