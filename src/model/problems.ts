import { SparkifyError } from '../errors.ts';
import { reservedWords } from './reserved-words.ts';

const identifier = /^[a-z_][a-z0-9_]*$/;
/** PostgreSQL cuts longer names, Redshift at 127 (facts 2.6): the shorter one holds everywhere. */
const identifierBytes = 63;

/** @throws MODEL_INVALID listing every problem, when there is one */
export function refuse(what: string, problems: readonly string[]): void {
  if (problems.length === 0) return;
  const list = problems.map((problem) => `\n  - ${problem}`).join('');
  throw new SparkifyError('MODEL_INVALID', `${what} is declared wrongly:${list}`, {
    hint: 'Mend each point in the declaration.',
    details: { problems },
  });
}

/** Why this cannot be a name of a table or column on every engine. */
export function nameProblems(what: string, name: string): string[] {
  if (!identifier.test(name)) return [`${what} '${name}' must be lower case: a letter or _, then letters, digits or _`];
  if (name.length > identifierBytes) return [`${what} '${name}' is longer than ${identifierBytes} bytes`];
  if (reservedWords.has(name)) return [`${what} '${name}' is a reserved word of an engine`];
  return [];
}

/** Why these columns are not all columns of the table. */
export function unknownColumns(what: string, named: readonly string[], known: readonly string[]): string[] {
  return named
    .filter((name) => !known.includes(name))
    .map((name) => `${what} names '${name}', which is no column; columns are ${known.join(', ')}`);
}

/** Why this text is not a documentation. */
export function docProblems(what: string, doc: string): string[] {
  return doc.trim() === '' ? [`${what} has no documentation`] : [];
}
