import { dialect } from '../engines/duckdb/dialect.ts';
import { SparkifyError } from '../errors.ts';
import { type ColumnType, integerBounds } from '../model/column-type.ts';
import type { Expression } from '../model/expression.ts';
import type { Staging, StagingColumn } from '../model/staging.ts';
import { identifier, textLiteral } from '../sql/quote.ts';
import { aliased, renderExpression } from '../sql/render.ts';

/** What is wrong with a line, and the SQL that is true then. `column` is undefined when the whole line is bad. */
export interface Problem {
  readonly column: string | undefined;
  readonly reason: string;
  readonly when: string;
}

/** The SQL of one staging column, over a relation that has the text the parser printed and, one level up, the value. */
export interface ColumnSql {
  readonly name: string;
  /** The text as the parser prints it, under a name no column can have. */
  readonly text: string;
  /** The typed value from that text; never an error, whatever the text is. */
  readonly value: string;
  /** Exactly what makes the line a reject, in the order in which it is looked for. Evaluated in a CASE. */
  readonly problems: readonly Problem[];
}

const integerPattern = textLiteral('-?(0|[1-9][0-9]*)');
export const numberPattern = textLiteral('-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?');

/** @param isNested SQL that is true where the column's value is a JSON object or array, asked for few lines only */
export function columnsSql(staging: Staging, isNested: (column: string) => string): readonly ColumnSql[] {
  return Object.entries(staging.columns).map(([name, column]) => ({
    name,
    text: textName(name),
    value: typedValue(column.type, textName(name)),
    problems: [
      ...ownProblems(name, column, isNested).map(([reason, when]) => ({ column: name, reason, when })),
      ...missingWhen(staging, name).map((when) => ({ column: name, reason: 'required but missing', when })),
    ],
  }));
}

/** The name of the parser's text of a column. The tool's own names have `$`, which no column may have. */
export function textName(column: string): string {
  return identifier(`$${column}`);
}

function typedValue(type: ColumnType, text: string): string {
  // rtrim() alone would be right; it costs 20 times as much as looking at the last byte first.
  if (type.kind === 'text') return `case when suffix(${text}, ' ') then rtrim(${text}, ' ') else ${text} end`;
  return `try_cast(${text} as ${dialect.typeName(landable(type))})`;
}

type Condition = readonly [reason: string, when: string];

function ownProblems(name: string, column: StagingColumn, isNested: (column: string) => string): Condition[] {
  const text = textName(name);
  const value = identifier(name);
  const { type } = column;
  switch (type.kind) {
    case 'text':
      return [
        ['an object or an array, not text', `${startsNested(text)} and ${isNested(name)}`],
        ['contains U+0000', containsNul(text)],
        [`longer than ${type.bytes} bytes`, `strlen(${value}) > ${type.bytes}`],
      ];
    case 'integer':
      return [
        ['not an integer', `${text} <> '' and not regexp_full_match(${text}, ${integerPattern})`],
        [outOfRange(column), `${text} <> '' and (${value} is null or ${beyondRange(value, column)})`],
      ];
    case 'double':
      return [
        ['not a number', `${text} <> '' and not regexp_full_match(${text}, ${numberPattern})`],
        ['not a finite number', `${text} <> '' and (${value} is null or not isfinite(${value}))`],
      ];
    default:
      landable(type);
      return [];
  }
}

/** True where a column lacks the value it needs. Integers and doubles take `""` for NULL. */
function missingWhen({ columns, requiredWhen }: Staging, name: string): string[] {
  const missing = `${identifier(name)} is null`;
  if (columns[name]?.required) return [missing];
  const rules = requiredWhen.filter((rule) => rule.columns.includes(name));
  return rules.map(({ when }) => `${condition(when)} and ${missing}`);
}

/** A condition of the model over the typed values. */
export function condition(when: Expression<'boolean'>): string {
  return `(${renderExpression(when, dialect, aliased())})`;
}

/** True where a text may be a JSON object or array; a string may begin like that too. */
export function startsNested(text: string): string {
  return `(prefix(${text}, '{') or prefix(${text}, '['))`;
}

export function containsNul(text: string): string {
  return `contains(${text}, chr(0))`;
}

/** Beyond the bounds that the type does not keep by itself. */
export function beyondRange(value: string, { type, range }: StagingColumn): string {
  if (!range || type.kind !== 'integer') return 'false';
  return `(${value} < ${range[0]} or ${value} > ${range[1]})`;
}

function outOfRange({ type, range }: StagingColumn): string {
  const [low, high] = range ?? (type.kind === 'integer' ? integerBounds(type.bits) : []);
  return `out of range ${low}…${high}`;
}

function landable(type: ColumnType): ColumnType {
  if (type.kind === 'text' || type.kind === 'integer' || type.kind === 'double') return type;
  throw new SparkifyError('MODEL_INVALID', `A staging column cannot be a ${type.kind}.`, {
    hint: 'Declare it as text, bigint, integer, smallint or double.',
  });
}
