import { identifier, textLiteral } from '../../sql/quote.ts';

interface Named {
  /** undefined for the schema in which unqualified names are found first */
  readonly schema: string | undefined;
  readonly name: string;
}

/** The number of a row of the catalogue: a reserved word, so in quotes (facts 2.6). */
export const oid = identifier('oid');

/** Every table and view as `c`, its schema as `n`. */
export const relations = `pg_class c join pg_namespace n on n.${oid} = c.relnamespace`;

/** FROM and WHERE over the catalogue, of a table or view as `c`. */
export function fromRelation(relation: Named): string {
  return `from ${relations} where ${isRelation(relation)}`;
}

/** That `c` in the schema `n` is the table or view. */
export function isRelation({ schema, name }: Named): string {
  return `c.relname = ${textLiteral(name)} and n.nspname = ${schemaText(schema)}`;
}

/** FROM and WHERE over the columns of a table. */
export function fromColumns({ schema, name }: Named): string {
  return `from information_schema.columns where table_schema = ${schemaText(schema)} and table_name = ${textLiteral(name)}`;
}

function schemaText(schema: string | undefined): string {
  return schema === undefined ? 'current_schema()' : textLiteral(schema);
}
