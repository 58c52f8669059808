import type { Connection } from '../../src/engines/redshift/connection.ts';
import { fromEpochMillis } from '../../src/engines/redshift/render.ts';
import { type Answer, answerTo, isRefused, onlyValue, shownAnswer } from '../answer.ts';
import type { Question, Told } from '../question.ts';
import type { Scene } from '../scene.ts';

/** What is asked in SQL alone, in one session. Tables are filled first, as the leader node reckons without them. */
export const statementQuestions: readonly Question[] = [
  {
    point: 3,
    asks: 'Is NULLS FIRST taken in a window?',
    assumed: 'it is refused',
    indifferent: 'it is never written: a key of its own orders NULL',
    ask: (scene) =>
      askTable(scene, 'order_1 (a integer)', '(1), (null)', (table) => ({
        sql: `select a, row_number() over (order by a nulls first) from ${table} order by 2`,
        asAssumed: isRefused,
      })),
  },
  {
    point: 3,
    asks: 'Does a window without such words have NULL last, ascending?',
    assumed: 'it does',
    ask: (scene) =>
      askTable(scene, 'order_2 (a integer)', '(1), (null), (0)', (table) => ({
        sql: `select a, row_number() over (order by a) from ${table} order by 2`,
        asAssumed: (answer) => shownAnswer(answer) === '0, 1; 1, 2; NULL, 3',
      })),
  },
  {
    point: 5,
    asks: 'Are milliseconds since the epoch turned into times exactly, by the statement that a run uses?',
    assumed: 'they are, from 1970 to 9999',
    ask: (scene) =>
      askTable(scene, 'epochs (a bigint)', '(0), (1541121934796), (253402300799999)', (table) => ({
        sql: `select ${fromEpochMillis('a')} from ${table} order by a`,
        asAssumed: (answer) =>
          /^1970-01-01 00:00:00; 2018-11-02 01:25:34\.796; 9999-12-31 23:59:59\.999$/.test(shownAnswer(answer)),
      })),
  },
  {
    point: 8,
    asks: 'Are connections without TLS refused unless somebody allows them?',
    assumed: 'they are',
    indifferent: 'a run connects with TLS alone, and verifies the certificate',
    ask: async ({ connection }) =>
      askOnce(connection, 'show require_ssl', (answer) => ['true', 'on'].includes(onlyValue(answer) ?? '')),
  },
  {
    point: 9,
    asks: 'How is a DOUBLE rounded that is cast to BIGINT?',
    assumed: 'to the nearest whole number',
    indifferent: 'no DOUBLE is cast to an integer',
    ask: (scene) =>
      askTable(scene, 'doubles (a double precision)', '(1.5), (2.5), (-1.5), (2.4), (2.6)', (table) => ({
        sql: `select a, cast(a as bigint) as rounded from ${table} order by a`,
        asAssumed: (answer) =>
          answer.kind === 'rows' && answer.rows.every(([a, rounded]) => Math.abs(Number(a) - Number(rounded)) <= 0.5),
      })),
  },
  {
    point: 9,
    asks: 'Does a DOUBLE come back with all its digits?',
    assumed: 'it does',
    ask: (scene) =>
      askTable(scene, 'digits (a double precision)', '(0.1), (0.30000000000000004)', (table) => ({
        sql: `select a from ${table} order by a`,
        asAssumed: (answer) =>
          answer.kind === 'rows' && answer.rows.map(([a]) => Number(a)).join() === '0.1,0.30000000000000004',
      })),
  },
  {
    point: 11,
    asks: 'Are two statements in one message one transaction?',
    assumed: 'they are: where the second fails, nothing of the first stays',
    indifferent: 'a run sends one statement at a time',
    ask: askTwoStatements,
  },
  {
    point: 11,
    asks: 'Does the extended protocol refuse a second statement, by which `sparkify query` could end its transaction?',
    assumed: 'it does',
    ask: async ({ connection }) => askOnce(connection, 'select 1; select 2', isRefused, { queryMode: 'extended' }),
  },
  {
    point: 11,
    asks: 'Does a transaction that was begun to read refuse to write?',
    assumed: 'it does',
    ask: askReadOnly,
  },
];

interface Query {
  readonly sql: string;
  readonly asAssumed: (answer: Answer) => boolean;
}

async function askTable(scene: Scene, table: string, rows: string, queryOf: (name: string) => Query): Promise<Told> {
  const name = `smoke_${table.split(' ', 1)[0]}`;
  const before = [`create temp table smoke_${table}`, `insert into ${name} values ${rows}`];
  for (const sql of before) await scene.connection.ask(sql);
  const { sql, asAssumed } = queryOf(name);
  const told = await askOnce(scene.connection, sql, asAssumed);
  return { ...told, sent: [...before, ...told.sent] };
}

async function askOnce(
  connection: Connection,
  sql: string,
  asAssumed: (answer: Answer) => boolean,
  options?: Parameters<Connection['ask']>[1],
): Promise<Told> {
  const answer = await answerTo(connection, sql, options);
  return { sent: [sql], cameBack: shownAnswer(answer), asAssumed: asAssumed(answer) };
}

async function askTwoStatements({ connection }: Scene): Promise<Told> {
  await connection.ask('create temp table smoke_several (a integer)');
  const sent = [
    'insert into smoke_several values (1); select 1 / (a - 1) from smoke_several',
    'select count(*) from smoke_several',
  ];
  const [both = '', count = ''] = sent;
  const answer = await answerTo(connection, both);
  const stayed = await answerTo(connection, count);
  return {
    sent,
    cameBack: `${shownAnswer(answer)}. Rows that stayed: ${shownAnswer(stayed)}`,
    asAssumed: onlyValue(stayed) === '0',
  };
}

/** Of a permanent table: what is temporary may be written all the same. */
async function askReadOnly({ connection }: Scene): Promise<Told> {
  await connection.ask('create table smoke_read_only (a integer)');
  const write = 'insert into smoke_read_only values (1)';
  await connection.ask('begin read only');
  try {
    const told = await askOnce(connection, write, isRefused);
    return { ...told, sent: ['begin read only', write] };
  } finally {
    await connection.ask('rollback');
  }
}
