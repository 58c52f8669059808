import { dropColumn } from '../../src/engines/redshift/alter.ts';
import type { Connection } from '../../src/engines/redshift/connection.ts';
import { answerTo, onlyValue, shownAnswer } from '../answer.ts';
import type { Question, Told } from '../question.ts';

/** What a change of columns relies on (facts 2.7). */
export const changeQuestions: readonly Question[] = [
  {
    point: 0,
    asks: 'Are views found in pg_depend by the column that they read?',
    assumed: 'they are',
    indifferent: 'the change fails at DROP COLUMN then, and is rolled back without the name of the view',
    ask: ({ connection }) => askReaders(connection),
  },
  {
    point: 0,
    asks: 'Does ROLLBACK bring back a view and a column that were dropped?',
    assumed: 'it does',
    ask: ({ connection }) => askRollback(connection),
  },
];

const table = 'smoke_changed';
const view = 'smoke_reader';

async function createBoth(connection: Connection): Promise<void> {
  for (const sql of [
    `drop table if exists ${table} cascade`,
    `create table ${table} (a integer, b integer, c integer)`,
    `create view ${view} as select a from ${table}`,
  ])
    await connection.ask(sql);
}

async function askReaders(connection: Connection): Promise<Told> {
  await createBoth(connection);
  const shape = { schema: undefined, name: table, columns: [] };
  const readersOf = (column: string) => dropColumn(shape, column)[0]?.obstacles?.[0] ?? '';
  const found = await answerTo(connection, readersOf('a'));
  const others = await answerTo(connection, readersOf('b'));
  return {
    sent: [readersOf('a'), readersOf('b')],
    cameBack: `of the column that is read: ${shownAnswer(found)}; of another: ${shownAnswer(others)}`,
    asAssumed: shownAnswer(found).includes(view) && others.kind === 'rows' && others.rows.length === 0,
  };
}

async function askRollback(connection: Connection): Promise<Told> {
  await createBoth(connection);
  const sent = ['begin', `drop view ${view}`, `alter table ${table} drop column b`, 'rollback'];
  for (const sql of sent) await answerTo(connection, sql);
  const read = `select count(r.a) + count(t.b) from ${view} r full join ${table} t on t.a = r.a`;
  const answer = await answerTo(connection, read);
  return { sent: [...sent, read], cameBack: shownAnswer(answer), asAssumed: onlyValue(answer) === '0' };
}
