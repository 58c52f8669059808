import { redshiftErrors } from './faults.ts';
import { nodeError, Refusal } from './refusal.ts';
import { ddlForms } from './rules/ddl-forms.ts';
import { under } from './rules/rule.ts';

/** An error of PostgreSQL as Redshift words it, with the fields of the protocol. */
export function translateError(fields: ReadonlyMap<string, string>): Map<string, string> {
  const translated = translations[fields.get('C') ?? '']?.(fields);
  const kept = new Map(
    ['S', 'C', 'M', 'D', 'H'].flatMap((letter) => {
      const text = fields.get(letter);
      return text === undefined ? [] : [[letter, text.replaceAll('redshift.', 'pg_catalog.')] as const];
    }),
  );
  return translated === undefined ? kept : refusalFields(translated);
}

/** The fields of an error that the stand-in answers itself; the rule behind it stands where PostgreSQL names a routine. */
export function refusalFields(
  { sqlState, message, detail, hint, rule }: Refusal,
  severity = 'ERROR',
): Map<string, string> {
  const fields = new Map([
    ['S', severity],
    ['C', sqlState],
    ['M', message],
  ]);
  if (detail !== undefined) fields.set('D', detail);
  if (hint !== undefined) fields.set('H', hint);
  if (rule !== undefined) fields.set('R', rule);
  return fields;
}

type Translation = (fields: ReadonlyMap<string, string>) => Refusal | undefined;

const translations: Readonly<Record<string, Translation>> = {
  // Facts 3.7: not 42P01.
  '42P01': (fields) => {
    const name = /^(?:relation|table|view) "(.*)" does not exist$/.exec(fields.get('M') ?? '')?.[1];
    return name === undefined ? undefined : new Refusal('XX000', `Relation ${name} does not exist in the database.`);
  },
  // Facts 3.7: two transactions wrote the same row.
  '40001': () => {
    const { sqlState, message, detail } = redshiftErrors.serializationConflict;
    return new Refusal(sqlState, message, { detail });
  },
  // The checks of catalogue/layouts.sql.
  '23514': (fields) => {
    const length = /^redshift_bytes_\d+_(\d+)$/.exec(fields.get('n') ?? '')?.[1];
    return length === undefined
      ? undefined
      : new Refusal('22001', `value too long for type character varying(${length})`);
  },
  '0A000': (fields) => {
    const form = Object.entries(ddlForms).find(([name]) => name === fields.get('n'))?.[1];
    return form && under(form, new Refusal('0A000', fields.get('M') ?? ''));
  },
  '23502': (fields) => nodeError(8007, `Cannot insert a NULL value into column ${fields.get('c') ?? ''}`),
  // Facts 3.1.6.
  '21000': (fields) =>
    fields.get('M')?.startsWith('MERGE')
      ? new Refusal('XX000', 'Found multiple matches to update the same tuple.')
      : undefined,
};
