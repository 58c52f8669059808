import { SparkifyError } from '../../errors.ts';
import type { Staging, StagingColumn } from '../../model/staging.ts';
import { identifier, textLiteral } from '../../sql/quote.ts';
import { aliased, renderExpression } from '../../sql/render.ts';
import { dialect } from './dialect.ts';

/** A rule of landing that COPY does not keep by itself. */
export interface DirectRule {
  readonly column: string;
  readonly reason: string;
  /** SQL that is true of a row that breaks it. */
  readonly when: string;
}

/**
 * What is left to look at once COPY has loaded rows into columns of the right types: their lengths, the bounds of the
 * types and what is always required are COPY's own (facts 1.5–1.7), and told by object and line there.
 */
export function directRules(staging: Staging): readonly DirectRule[] {
  return Object.entries(staging.columns).flatMap(([column, declaration]) => [
    ...ownRules(column, declaration),
    ...requiredRules(column, staging),
  ]);
}

/** One row with, for each rule in order, how many rows of the table break it. */
export function countBroken(table: string, rules: readonly DirectRule[]): string {
  return `select ${rules.map(({ when }) => `count(case when ${when} then 1 end)`).join(',\n  ')}\nfrom ${table}`;
}

/** @throws RECORD_REFUSED listing the rules that are broken, with the number of rows */
export function refuseBroken({ name }: Staging, rules: readonly DirectRule[], counts: readonly number[]): void {
  const broken = rules.flatMap(({ column, reason }, index) => {
    const rows = counts[index] ?? 0;
    return rows > 0 ? [{ column, reason, rows }] : [];
  });
  if (broken.length === 0) return;
  const list = broken.map(
    ({ column, reason, rows }) => `\n  - ${column}: ${reason}: ${rows === 1 ? '1 row' : `${rows} rows`}`,
  );
  throw new SparkifyError('RECORD_REFUSED', `COPY loaded rows for ${name} that landing would reject:${list.join('')}`, {
    hint: landInstead,
    details: { table: name, broken },
  });
}

/** What to do about records that COPY cannot take. */
export const landInstead =
  'Leave copy=direct out of the target to load these objects by way of landing: such lines become rejects there, named by object and line.';

/** A text may begin so and be meant: then the objects have to land, where the parser knows the difference. */
const looksNested = textLiteral('^([{][[:space:]]*(["}])|[[][[:space:]]*(["{[0-9-]|[]]|true|false|null))', dialect);

function ownRules(column: string, { type, range }: StagingColumn): DirectRule[] {
  const name = identifier(column);
  if (type.kind === 'text') {
    const reason = 'an object or an array, or a text that looks like one';
    return [{ column, reason, when: `${name} ~ ${looksNested}` }];
  }
  if (type.kind === 'double') {
    const reason = 'not a finite number';
    return [{ column, reason, when: `lower(cast(${name} as varchar(64))) in ${notFinite}` }];
  }
  if (type.kind !== 'integer' || !range) return [];
  const [low, high] = range;
  return [{ column, reason: `out of range ${low}…${high}`, when: `${name} < ${low} or ${name} > ${high}` }];
}

const notFinite = "('nan', 'inf', 'infinity', '-inf', '-infinity')";

function requiredRules(column: string, { requiredWhen }: Staging): DirectRule[] {
  return requiredWhen
    .filter(({ columns }) => columns.includes(column))
    .map(({ when }) => ({
      column,
      reason: 'required but missing',
      when: `${renderExpression(when, dialect, aliased())} and ${identifier(column)} is null`,
    }));
}
