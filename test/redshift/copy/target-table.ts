import { Refusal } from '../refusal.ts';

/** A column that COPY may fill. */
export interface TargetColumn {
  readonly name: string;
  /** As PostgreSQL names it: `character varying`, `integer` … */
  readonly type: string;
  /** In bytes, of VARCHAR and CHAR. */
  readonly length: number | undefined;
  /** Of DECIMAL. */
  readonly precision: number;
  readonly scale: number;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  readonly isIdentity: boolean;
}

/** The table COPY writes into. */
export interface TargetTable {
  /** As messages name it. */
  readonly name: string;
  readonly id: number;
  readonly isOwner: boolean;
  readonly columns: readonly TargetColumn[];
}

/** Gives the rows of a query as texts, as the session of the COPY sees them. */
export type Ask = (sql: string) => Promise<(string | null)[][]>;

/** @throws Refusal when there is no such table */
export async function describeTarget(ask: Ask, table: string): Promise<TargetTable> {
  const literal = `'${table.replaceAll("'", "''")}'`;
  const [head] = await ask(
    `select c.oid, c.relname, pg_has_role(c.relowner, 'usage') from pg_class c where c.oid = to_regclass(${literal}) and c.relkind = 'r'`,
  );
  if (head === undefined) throw new Refusal('XX000', `Cannot COPY into nonexistent table ${table}`);
  const rows = await ask(
    `select a.attname, format_type(a.atttypid, null), a.atttypmod, a.attnotnull, a.atthasdef, a.attidentity
     from pg_attribute a where a.attrelid = ${head[0]} and a.attnum > 0 and not a.attisdropped order by a.attnum`,
  );
  return {
    name: head[1] ?? '',
    id: Number(head[0]),
    isOwner: head[2] === 't',
    columns: rows.map(([name, type, typmod, notNull, hasDefault, identity]) => ({
      name: name ?? '',
      type: type ?? '',
      length: /^character/.test(type ?? '') ? Number(typmod) - 4 : undefined,
      precision: (Number(typmod) - 4) >> 16,
      scale: (Number(typmod) - 4) & 0xffff,
      notNull: notNull === 't',
      hasDefault: hasDefault === 't',
      isIdentity: identity !== '',
    })),
  };
}

/** The columns that are filled, in the order of the list, or all but IDENTITY (facts 1.5). */
export function columnsToLoad(
  table: TargetTable,
  list: readonly string[] | undefined,
  { explicitIds }: { explicitIds: boolean },
): TargetColumn[] {
  if (list === undefined) return table.columns.filter(({ isIdentity }) => !isIdentity || explicitIds);
  const listed = list.map((name) => {
    const column = table.columns.find((one) => one.name === name);
    if (column === undefined) throw new Refusal('42703', `column "${name}" of relation "${table.name}" does not exist`);
    if (column.isIdentity && !explicitIds)
      throw new Refusal('42601', `IDENTITY column "${name}" cannot be in the column list without EXPLICIT_IDS`);
    return column;
  });
  const missing = table.columns.find(
    ({ name, notNull, hasDefault, isIdentity }) => notNull && !hasDefault && !isIdentity && !list.includes(name),
  );
  if (missing !== undefined)
    throw new Refusal('42601', `NOT NULL column without DEFAULT must be included in column list: ${missing.name}`);
  return listed;
}
