import type { ShownStatement } from '../../pipeline/show-sql.ts';
import { comment } from '../../sql/quote.ts';

/**
 * A script of a full load: DDL first, then those between `begin;` and `commit;`, then indexes and statistics. It can
 * be executed as it is, save for the names in capitals: what only a run or the embedded parser executes is a comment.
 */
export function renderStatements(statements: readonly ShownStatement[]): string {
  const outside: readonly ShownStatement['step'][] = ['schema', 'maintain'];
  return [
    heading.map(comment).join('\n'),
    ...statements.filter(({ step }) => step === 'schema').map(paragraph),
    'begin;',
    ...statements.filter(({ step }) => !outside.includes(step)).map(paragraph),
    'commit;',
    ...statements.filter(({ step }) => step === 'maintain').map(paragraph),
  ].join('\n\n');
}

const heading = [
  'A full load, in order, for an empty database; without the questions a run asks, and what it notes of itself.',
  'What the embedded parser executes, or a run with values of its own, is a comment. So nothing comes into the ledger by',
  'hand: the balance of staging then counts each object, and `sparkify run` would load everything once more.',
];

/** A statement behind its title, without a blank line. */
function paragraph({ step, by, title, sql, unless, needs, given }: ShownStatement): string {
  const isExecuted = by === 'target' && given === undefined;
  const notes = [
    `${step}: ${title}${by === 'parser' ? ' (by the embedded parser)' : ''}`,
    ...(unless === undefined ? [] : [`a run leaves it out where this gives a row: ${unless}`]),
    ...(needs === undefined ? [] : [needs]),
    ...(given === undefined ? [] : [`a run hands over ${given}`]),
  ];
  const lines = `${sql};`.split('\n');
  return [...notes.map(comment), ...(isExecuted ? lines : lines.map(comment))].join('\n');
}
