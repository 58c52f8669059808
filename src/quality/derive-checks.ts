import type { Severity } from '../model/check.ts';
import type { Staging } from '../model/staging.ts';
import { columnsOf, referencesOf, type StarTable } from '../model/star-table.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { Dialect } from '../sql/dialect.ts';
import { identifier, textLiteral } from '../sql/quote.ts';
import { aliased, renderExpression } from '../sql/render.ts';
import { starShape, tableName } from '../sql/shapes.ts';
import type { CheckScope } from './check-scope.ts';

export type CheckKind = 'unique' | 'required' | 'reference' | 'accepted' | 'rule' | 'balance';

export interface DerivedCheck {
  readonly name: string;
  readonly kind: CheckKind;
  readonly table: string;
  readonly severity: Severity;
  /** What it means when it fails. */
  readonly says: string;
}

/** Checks that one scan answers: the statement gives one row with a count of failures for each, in order. */
export interface CheckStatement {
  readonly checks: readonly DerivedCheck[];
  readonly sql: string;
}

/**
 * Every check the declarations of a warehouse imply, and its own rules. Structural ones (keys, required columns,
 * references, balance) fail a run; values never seen before warn.
 */
export function deriveChecks(warehouse: Warehouse, dialect: Dialect, scope: CheckScope): readonly CheckStatement[] {
  const { staging, tables, checks } = warehouse;
  return [
    ...staging.flatMap((table) => acceptedValues(table, dialect, scope)),
    ...tables.flatMap((table) => [
      uniqueKey(table, dialect, scope),
      requiredColumns(table, scope),
      ...references(table, scope),
    ]),
    ...tables.filter(isFact).map((table) => scope.factBalance(table, dialect)),
    ...checks.map(({ name, doc, table, holds, severity }) => ({
      checks: [{ name, kind: 'rule' as const, table: table.name, severity, says: `rows break the rule: ${doc}` }],
      sql: `select count(*) from ${scope.rows(table)} t where not (${renderExpression(holds, dialect, aliased('t'))})`,
    })),
  ];
}

function isFact(table: StarTable): table is StarTable & { readonly from: Staging } {
  return table.kind === 'fact' && table.from.kind === 'staging';
}

function uniqueKey(table: StarTable, dialect: Dialect, scope: CheckScope): CheckStatement {
  const keys = Object.entries(table.key)
    .map(([name, { is }]) => dialect.undeclared(`k.${identifier(name)}`, is.type))
    .join(', ');
  const says = `keys of ${table.name} stand on more than one row`;
  return {
    checks: [{ name: `${table.name}_key_is_unique`, kind: 'unique', table: table.name, severity: 'fail', says }],
    sql: [
      'select count(*) from (',
      `  select count(*) as lines from ${scope.keyed(table)} k group by ${keys} having count(*) > 1`,
      ') repeated',
    ].join('\n'),
  };
}

function requiredColumns(table: StarTable, scope: CheckScope): CheckStatement {
  const required = Object.entries(columnsOf(table))
    .filter(([name, column]) => column.required || name in table.key)
    .map(([name]) => name);
  return countWhere(
    scope.rows(table),
    required.map((name) => ({
      check: {
        name: `${table.name}_${name}_is_present`,
        kind: 'required',
        table: table.name,
        severity: 'fail',
        says: `rows of ${table.name} have no ${name}`,
      },
      where: `${identifier(name)} is null`,
    })),
  );
}

function references(table: StarTable, scope: CheckScope): CheckStatement[] {
  const declared = referencesOf(table).map(({ column, dimension }) => referenceCheck(table, column, dimension, scope));
  if (table.kind !== 'derived' || table.from.kind === 'staging') return declared;
  const fact = table.from;
  const fromFact = Object.values(table.key).flatMap(({ is }) =>
    is.node.op === 'column' ? [referenceCheck(fact, is.node.name, table, scope)] : [],
  );
  return [...declared, ...fromFact];
}

function referenceCheck(table: StarTable, column: string, dimension: StarTable, scope: CheckScope): CheckStatement {
  const [key = ''] = Object.keys(dimension.key);
  const name = `${table.name}_${column}_is_in_${dimension.name}`;
  const says = `rows of ${table.name} have a ${column} that is not in ${dimension.name}`;
  return {
    checks: [{ name, kind: 'reference', table: table.name, severity: 'fail', says }],
    sql: [
      'select count(*)',
      `from ${scope.referring(table, column, dimension)} f`,
      `left join ${tableName(starShape(dimension))} d on d.${identifier(key)} = f.${identifier(column)}`,
      `where f.${identifier(column)} is not null and d.${identifier(key)} is null`,
    ].join('\n'),
  };
}

function acceptedValues(staging: Staging, dialect: Dialect, scope: CheckScope): CheckStatement[] {
  const { name: table, columns } = staging;
  const counted = Object.entries(columns).flatMap(([column, { accepted }]) => {
    if (!accepted) return [];
    const values = accepted.map((value) => (typeof value === 'string' ? textLiteral(value, dialect) : String(value)));
    const check: DerivedCheck = {
      name: `${table}_${column}_is_known`,
      kind: 'accepted',
      table,
      severity: 'warn',
      says: `rows of ${table} have a ${column} not seen before`,
    };
    return [{ check, where: `${identifier(column)} not in (${values.join(', ')})` }];
  });
  return counted.length === 0 ? [] : [countWhere(scope.rows(staging), counted)];
}

function countWhere(table: string, counted: readonly { check: DerivedCheck; where: string }[]): CheckStatement {
  const counts = counted.map(
    ({ where }, index) => `  coalesce(sum(case when ${where} then 1 else 0 end), 0) as failures_${index}`,
  );
  return { checks: counted.map(({ check }) => check), sql: `select\n${counts.join(',\n')}\nfrom ${table} t` };
}
