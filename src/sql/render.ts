import type { Expression, ExpressionNode, Order } from '../model/expression.ts';
import type { Lookup } from '../model/lookup.ts';
import type { Dialect } from './dialect.ts';
import { identifier, textLiteral } from './quote.ts';

/** How the columns an expression names are written where it stands. */
export interface Scope {
  readonly column: (name: string) => string;
  readonly lookedUp?: (lookup: Lookup, name: string) => string;
}

/** Columns of one relation under an alias, or bare without one. */
export function aliased(alias?: string): Scope {
  return { column: (name) => (alias === undefined ? identifier(name) : `${alias}.${identifier(name)}`) };
}

/** The SQL of an expression. */
export function renderExpression({ node }: Expression, dialect: Dialect, scope: Scope): string {
  const render = (of: Expression) => renderExpression(of, dialect, scope);
  switch (node.op) {
    case 'column':
      return scope.column(node.name);
    case 'lookedUp':
      return renderLookedUp(node, scope);
    case 'literal':
      return renderLiteral(node.value, dialect);
    case 'equal':
      return `${render(node.left)} = ${render(node.right)}`;
    case 'atLeast':
      return `${render(node.left)} >= ${render(node.right)}`;
    case 'isNotNull':
      return `${render(node.of)} is not null`;
    case 'not':
      return `not (${render(node.of)})`;
    case 'and':
    case 'or':
      return `(${node.all.map(render).join(` ${node.op} `)})`;
    case 'nullIf':
      return `nullif(${render(node.of)}, ${render(node.value)})`;
    case 'packedKey':
      return `cast(${render(node.high)} as bigint) * 65536 + ${render(node.low)}`;
    case 'fromEpochMillis':
      return dialect.fromEpochMillis(render(node.of));
    case 'datePart':
      return dialect.datePart(node.part, render(node.of));
    case 'characterLength':
      return dialect.characterLength(render(node.of));
    case 'sql':
      return `(${node.byEngine[dialect.engine]})`;
  }
}

/** One item of an ORDER BY: NULL last either way, text by its bytes, false before true. */
export function renderOrder({ by, direction }: Order, dialect: Dialect, scope: Scope): string {
  const value = renderExpression(by, dialect, scope);
  if (by.type.kind === 'text') return dialect.nullsLast(dialect.inByteOrder(value), direction);
  if (by.type.kind === 'boolean')
    return `case when ${value} then 1 else 0 end${direction === 'descending' ? ' desc' : ''}`;
  return dialect.nullsLast(value, direction);
}

function renderLookedUp({ lookup, name }: ExpressionNode & { op: 'lookedUp' }, { lookedUp }: Scope): string {
  if (!lookedUp) throw new TypeError(`a column of a lookup ('${name}') was used outside a fact`);
  return lookedUp(lookup, name);
}

function renderLiteral(value: string | number | bigint | boolean, { backslashEscapes }: Dialect): string {
  return typeof value === 'string' ? textLiteral(value, { backslashEscapes }) : String(value);
}
