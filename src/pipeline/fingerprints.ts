import { createHash } from 'node:crypto';
import { landingVersion } from '../land/landing-version.ts';
import type { Mapping } from '../land/mapping.ts';
import type { DefinedColumn, Definition } from '../ledger/ledger.ts';
import type { Staging } from '../model/staging.ts';
import type { StarTable } from '../model/star-table.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { Dialect, TableShape } from '../sql/dialect.ts';
import { stagingShape, starShape, viewShape } from '../sql/shapes.ts';
import { viewQuery } from '../transform/schema.ts';
import { selectRows } from '../transform/select-rows.ts';
import { insertDuplicates } from '../transform/winners.ts';

/** The definition that stands for the rules of landing. Its version is theirs, not the model's. */
export const landingDefinition = 'landing$';

/** Differs whenever an object could land as other rows: another mapping, other columns, other rules of landing. */
export function landingFingerprint({ source, columns, requiredWhen }: Staging, { paths }: Mapping): string {
  const rules = Object.entries(columns).map(([name, { type, required = false, range }]) => [
    name,
    type,
    required,
    range,
  ]);
  return hashOf([landingVersion, source.framing, paths, rules, requiredWhen]);
}

/** What staging, star and views of a warehouse are computed by on an engine, each with its fingerprint. */
export function definitionsOf({ version, staging, tables, views }: Warehouse, dialect: Dialect): readonly Definition[] {
  return [
    { name: landingDefinition, fingerprint: hashOf([landingVersion]), version: landingVersion, columns: [] },
    ...staging.map((table) => ({
      name: table.name,
      fingerprint: winnersFingerprint(table, dialect),
      version,
      columns: columnsOf(stagingShape(table), dialect),
    })),
    ...tables.map((table) => ({
      name: table.name,
      fingerprint: rowsFingerprint(table, dialect),
      version,
      columns: columnsOf(starShape(table), dialect),
    })),
    ...views.map((view) => ({
      name: view.name,
      fingerprint: hashOf([viewShape(view).columns, viewQuery(view)]),
      version,
      columns: [],
    })),
  ];
}

function columnsOf({ columns, key = [] }: TableShape, dialect: Dialect): readonly DefinedColumn[] {
  return columns.map(({ name, type }) =>
    key.includes(name) ? [name, dialect.typeName(type), 'key'] : [name, dialect.typeName(type)],
  );
}

function winnersFingerprint(staging: Staging, dialect: Dialect): string {
  return hashOf([stagingShape(staging).columns, insertDuplicates(staging, 'lines', dialect)]);
}

function rowsFingerprint(table: StarTable, dialect: Dialect): string {
  return hashOf([starShape(table).columns, selectRows(table, dialect)]);
}

function hashOf(parts: readonly unknown[]): string {
  const text = JSON.stringify(parts, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  return createHash('sha256').update(text).digest('hex');
}
