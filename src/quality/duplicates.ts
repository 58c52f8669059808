import type { Session, Value } from '../engines/engine.ts';
import { SparkifyError } from '../errors.ts';
import type { Staging } from '../model/staging.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { identifier } from '../sql/quote.ts';
import { duplicatesShape, tableName } from '../sql/shapes.ts';

/** How often natural keys of a staging table were delivered more than once. */
export interface DuplicateCount {
  readonly table: string;
  /** Lines beyond the first of their key. */
  readonly lines: bigint;
  /** Of these, lines that equal another one in every column. */
  readonly exact: bigint;
  /** Keys whose lines contradict each other. */
  readonly conflicts: bigint;
  /** The first conflicting keys, for the report. */
  readonly examples: readonly Readonly<Record<string, string>>[];
}

const exampleCount = 10;

export async function countDuplicates({ staging }: Warehouse, session: Session): Promise<readonly DuplicateCount[]> {
  const counts: DuplicateCount[] = [];
  for (const table of staging) counts.push(await countOf(table, session));
  return counts;
}

/** The statements that count the duplicates of a staging table and list its first conflicts. */
export function duplicateStatements(staging: Staging): { readonly count: string; readonly examples: string } {
  const table = tableName(duplicatesShape(staging));
  const keys = staging.key.map(identifier).join(', ');
  return {
    count: [
      `-- count the duplicates of ${staging.name}`,
      'select coalesce(sum(lines - 1), 0), coalesce(sum(lines - versions), 0), coalesce(sum(case when conflicting then 1 else 0 end), 0)',
      `from ${table}`,
    ].join('\n'),
    examples: [
      `-- list conflicts of ${staging.name}`,
      `select ${keys}`,
      `from ${table}`,
      'where conflicting',
      `order by ${keys}`,
      `limit ${exampleCount}`,
    ].join('\n'),
  };
}

async function countOf(staging: Staging, session: Session): Promise<DuplicateCount> {
  const statements = duplicateStatements(staging);
  const { rows } = await session.all(statements.count);
  const examples = await session.all(statements.examples);
  const count = (value: Value | undefined) => BigInt(String(value ?? 0));
  return {
    table: staging.name,
    lines: count(rows[0]?.[0]),
    exact: count(rows[0]?.[1]),
    conflicts: count(rows[0]?.[2]),
    examples: examples.rows.map((row) =>
      Object.fromEntries(staging.key.map((key, index) => [key, String(row[index])])),
    ),
  };
}

/** @throws CONFLICTS naming the keys, when there are more than allowed */
export function refuseConflicts(counts: readonly DuplicateCount[], maxConflicts: number): void {
  const conflicts = counts.reduce((sum, count) => sum + count.conflicts, 0n);
  if (conflicts <= BigInt(maxConflicts)) return;
  const keys = counts.flatMap(({ table, examples }) =>
    examples.map(
      (key) =>
        `\n  - ${table}: ${Object.entries(key)
          .map(([name, value]) => `${name} ${value}`)
          .join(', ')}`,
    ),
  );
  throw new SparkifyError(
    'CONFLICTS',
    `Natural keys whose lines contradict each other: ${conflicts}, of which ${maxConflicts} are allowed:${keys.join('')}`,
    {
      hint: `Mend the source, or accept them with --max-conflicts ${conflicts}: of each key the newest line counts.`,
      details: { conflicts: Number(conflicts), maxConflicts },
    },
  );
}
