import type { CustomTypesConfig, FieldDef, QueryArrayResult } from 'pg';
import type { QueryResult, Value, ValueKind } from './engine.ts';

/** Every value as the server writes it, and only that. */
export const asText: CustomTypesConfig = { getTypeParser: () => (text: string | Buffer) => String(text) };

/** By the object ids of PostgreSQL's catalogue, which never change. */
const kinds: ReadonlyMap<number, ValueKind> = new Map([
  [16, 'boolean'],
  [20, 'integer'],
  [21, 'integer'],
  [23, 'integer'],
  [26, 'integer'],
  [700, 'double'],
  [701, 'double'],
  [1700, 'decimal'],
  [18, 'text'],
  [19, 'text'],
  [25, 'text'],
  [1042, 'text'],
  [1043, 'text'],
  [1082, 'date'],
  [1114, 'timestamp'],
  [1184, 'timestamp'],
]);

/** The names in an array of them, as a server writes it: `{public,"two words"}`. */
export function namesIn(array: string): readonly string[] {
  const elements = array.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^",]+)/g);
  return [...elements].map(([, quoted, plain = '']) => quoted?.replaceAll(/\\(.)/g, '$1') ?? plain);
}

/** A PostgreSQL result as every engine gives it. The session's time zone must be UTC. */
export function resultOf({ fields, rows }: QueryArrayResult<(string | null)[]>): QueryResult {
  const names = withoutRepeats(fields);
  const columns = fields.map(({ dataTypeID }, index) => ({
    name: names[index] ?? '',
    kind: kinds.get(dataTypeID) ?? ('other' as const),
  }));
  return {
    columns,
    rows: rows.map((row) => columns.map(({ kind }, index) => toValue(row[index] ?? null, kind))),
  };
}

/** As the embedded engine numbers them: `a`, `a:1`. */
function withoutRepeats(fields: readonly FieldDef[]): string[] {
  const seen = new Map<string, number>();
  return fields.map(({ name }) => {
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? name : `${name}:${count}`;
  });
}

function toValue(text: string | null, kind: ValueKind): Value {
  if (text === null) return null;
  switch (kind) {
    case 'boolean':
      return text === 't';
    case 'integer':
      return BigInt(text);
    case 'double':
      return Number(text);
    case 'timestamp':
      return timestampText(text);
    default:
      return text;
  }
}

/** Three decimals at least and no zone; `infinity` and years before Christ as they are. */
function timestampText(text: string): string {
  const parts = /^(\d+-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.(\d+))?(?:\+00)?$/.exec(text);
  return parts ? `${parts[1]}.${(parts[2] ?? '').padEnd(3, '0')}` : text;
}
