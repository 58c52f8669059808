import type { Value } from '../../src/engines/engine.ts';
import { openTarget } from '../../src/engines/index.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import type { Star } from '../oracle/rows.ts';

type Row = Readonly<Record<string, Value>>;

/** The seven tables of a target as plain rows, timestamps as milliseconds since 1970, in any order. */
export async function readStar(target: string): Promise<Readonly<Record<string, readonly Row[]>>> {
  const session = await openTarget(target, { mode: 'read' });
  try {
    const tables = [...sparkify.staging, ...sparkify.tables];
    const read = [];
    for (const { name } of tables) read.push([name, await readRows(name)] as const);
    return Object.fromEntries(read);
  } finally {
    await session.close();
  }

  async function readRows(table: string): Promise<readonly Row[]> {
    const { columns, rows } = await session.query(`select * from ${table}`);
    return rows.map((row) =>
      Object.fromEntries(
        columns.flatMap(({ name, kind }, index) =>
          name === 'object_id' ? [] : [[name, cell(row[index] ?? null, kind)]],
        ),
      ),
    );
  }
}

function cell(value: Value, kind: string): Value {
  return kind === 'timestamp' && value !== null ? BigInt(Date.parse(`${String(value).replace(' ', 'T')}Z`)) : value;
}

/** The tables of the oracle's star, to compare with `readStar` by `sorted`. */
export function tablesOf({
  lines,
  duplicates,
  conflicts,
  ...tables
}: Star): Readonly<Record<string, readonly object[]>> {
  return tables;
}

/** Rows of every table as text, sorted, so that two stars are equal when their texts are. */
export function sorted(
  tables: Readonly<Record<string, readonly object[]>>,
): Readonly<Record<string, readonly string[]>> {
  const text = (row: object) =>
    JSON.stringify(
      Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)),
      (_, value) => (typeof value === 'bigint' || typeof value === 'number' ? Number(value) : value),
    );
  return Object.fromEntries(Object.entries(tables).map(([name, rows]) => [name, rows.map(text).toSorted()]));
}
