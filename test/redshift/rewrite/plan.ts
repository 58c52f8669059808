import { templateName } from '../databases.ts';
import { notEmulated, syntaxError } from '../refusal.ts';
import type { QueryBlock } from '../sql/query-blocks.ts';
import { isWord, nameAt, splitByComma, wordsAt } from '../sql/scan.ts';
import type { Statement } from '../sql/statement.ts';
import { render, type Token, token } from '../sql/tokens.ts';
import { alterTable } from './alter-table.ts';
import { createTable } from './create-table.ts';
import { createView } from './create-view.ts';
import { rewriteExpressions, type SessionValues } from './expressions.ts';
import { shortenNames } from './names.ts';

/** What PostgreSQL is given for a statement. */
export interface Plan {
  /** Run one after the other, all or none; the client sees what `shown` gives. */
  readonly steps: readonly string[];
  /** Which step the client sees; undefined for none, then `tag` is all it is told. */
  readonly shown: number | undefined;
  readonly tag: string;
}

/** What the plan depends on besides the statement. */
export interface PlanContext extends SessionValues {
  readonly inTransaction: boolean;
  readonly blocks: readonly QueryBlock[];
  /** A transaction reads as of its BEGIN; else as of its first statement. The documentation leaves it open (8.4). */
  readonly snapshotAtBegin: boolean;
}

/** The statement for PostgreSQL. COPY and settings of the session are not among them. */
export function planFor(statement: Statement, context: PlanContext): Plan {
  const make = plans[statement.kind];
  if (make === undefined) throw notEmulated(statement.kind.toUpperCase());
  return make(statement, context);
}

type Make = (statement: Statement, context: PlanContext) => Plan;

const plans: Readonly<Record<string, Make>> = {
  select: query,
  explain: query,
  insert: write,
  update: write,
  delete: write,
  merge: write,
  'create table': planCreateTable,
  'create view': planCreateView,
  'create schema': planCreateSchema,
  'create database': planCreateDatabase,
  'alter table': planAlterTable,
  'drop table': ({ tokens }) =>
    aroundViews(droppedNames(tokens), [sqlOf(tokens)], 'DROP TABLE', !tokens.some((word) => isWord(word, 'cascade'))),
  'drop view': ({ tokens }) => planDropView(tokens),
  'drop schema': ({ tokens }) => plain(sqlOf(tokens)),
  'drop database': ({ tokens }) => plain(sqlOf(tokens)),
  'comment on': ({ tokens }) => plain(sqlOf(tokens)),
  grant: ({ tokens }) => plain(sqlOf(tokens)),
  revoke: ({ tokens }) => plain(sqlOf(tokens)),
  truncate: planTruncate,
  lock: ({ tokens }) =>
    plain(`lock table ${sqlOf(tokens.slice(isWord(tokens[1], 'table') ? 2 : 1))} in access exclusive mode`),
  analyze: planAnalyze,
  // The stand-in has nothing to sort or reclaim.
  vacuum: () => ({ steps: [], shown: undefined, tag: 'VACUUM' }),
  begin: planBegin,
  commit: ({ tokens }) => plain(ending(tokens, 'commit')),
  rollback: ({ tokens }) => plain(ending(tokens, 'rollback')),
  cancel: ({ tokens }) => ({
    steps: [`select pg_cancel_backend(${tokens[1]?.text})`],
    shown: undefined,
    tag: 'CANCEL',
  }),
};

function plain(sql: string): Plan {
  return { steps: [sql], shown: 0, tag: '' };
}

function sqlOf(tokens: readonly Token[], session?: SessionValues): string {
  const rewritten = session === undefined ? tokens : rewriteExpressions(tokens, session);
  return render(shortenNames(rewritten)).trim();
}

function query({ tokens }: Statement, context: PlanContext): Plan {
  return plain(sqlOf(tokens, context));
}

// A writer holds the whole table until its transaction ends (facts 3.7).
function write({ tokens, target }: Statement, context: PlanContext): Plan {
  const sql = sqlOf(tokens, context);
  return context.inTransaction ? { steps: [lockForWrite(target ?? ''), sql], shown: 1, tag: '' } : plain(sql);
}

/** The lock that COPY, INSERT, UPDATE, DELETE and MERGE take (facts 3.7). */
export function lockForWrite(target: string): string {
  return `lock table ${target} in share row exclusive mode`;
}

function planCreateTable({ tokens }: Statement, context: PlanContext): Plan {
  const { name, tokens: made, layout, like } = createTable(tokens);
  const literal = `'${JSON.stringify(layout).replaceAll("'", "''")}'`;
  const likeName = like === undefined ? 'null' : `to_regclass(${quote(like.split(' ')[0] ?? '')})`;
  return {
    steps: [
      sqlOf(made, context),
      `select redshift.record_table(to_regclass(${quote(name)}), ${literal}, ${likeName})`,
      bindViews,
    ],
    shown: 0,
    tag: '',
  };
}

function planCreateView({ tokens }: Statement, context: PlanContext): Plan {
  const view = createView(tokens, context.blocks);
  const head = [token('word', view.name), ...view.columns];
  const sql = sqlOf([...head, token('word', 'as', ' '), ...view.query], context);
  if (!view.lateBound) return plain(`create ${view.orReplace ? 'or replace ' : ''}view ${sql}`);
  const call = `select redshift.create_late_view(${quote(view.name)}, ${quote(sql)}, ${view.orReplace})`;
  return { steps: [call], shown: undefined, tag: 'CREATE VIEW' };
}

function planCreateSchema({ tokens }: Statement): Plan {
  const quota = tokens.findIndex((word) => isWord(word, 'quota'));
  return plain(sqlOf(quota < 0 ? tokens : tokens.slice(0, quota)));
}

// With a name alone: owner, limits and collation are not emulated.
function planCreateDatabase({ tokens }: Statement): Plan {
  const words = tokens.filter(({ kind }) => kind !== 'end');
  if (words.length !== 3) throw notEmulated('CREATE DATABASE with options');
  return plain(`${sqlOf(tokens)} template ${templateName()}`);
}

function planAlterTable({ tokens }: Statement): Plan {
  const { name, tokens: made, layout, noKey } = alterTable(tokens);
  const check =
    noKey && `select redshift.check_column(to_regclass(${quote(name)}), ${quote(noKey.column)}, '${noKey.change}')`;
  const record = `select redshift.alter_layout(to_regclass(${quote(name)}), '${JSON.stringify(layout)}')`;
  // A table that is renamed has no layout to change under its old name.
  const renamed = tokens.some((word) => isWord(word, 'rename'));
  return aroundViews(
    [name],
    [...(check ? [check] : []), ...(made.length > 0 ? [sqlOf(made)] : []), ...(renamed ? [] : [record])],
    'ALTER TABLE',
    true,
  );
}

function planDropView(tokens: readonly Token[]): Plan {
  const names = droppedNames(tokens);
  const forget = `select redshift.forget_late_views(array[${names.map(quote).join(', ')}])`;
  return { steps: [forget, `${sqlOf(tokens)}`], shown: 1, tag: '' };
}

function planTruncate({ tokens }: Statement, { inTransaction }: PlanContext): Plan {
  const sql = `truncate table ${sqlOf(tokens.slice(isWord(tokens[1], 'table') ? 2 : 1))}`;
  // Facts 2.7: it commits the transaction, with everything before it.
  return inTransaction ? { steps: [sql, 'commit'], shown: 0, tag: '' } : plain(sql);
}

function planAnalyze({ tokens }: Statement): Plan {
  const at = isWord(tokens[1], 'verbose') ? 2 : 1;
  const end = tokens.findIndex((word, i) => isWord(word, 'predicate') || wordsAt(tokens, i, 'all', 'columns'));
  return plain(`analyze ${sqlOf(end < 0 ? tokens.slice(at) : tokens.slice(at, end))}`);
}

function planBegin({ tokens }: Statement, { inTransaction, snapshotAtBegin }: PlanContext): Plan {
  const words = tokens.filter(({ kind }) => kind !== 'end').map(({ text: word }) => word.toLowerCase());
  const text = words.join(' ').replace(' ,', ',');
  const shape =
    /^(?:begin|start)(?: work| transaction)?(?: isolation level (?:serializable|read uncommitted|read committed|repeatable read))?,?(?: read (write|only))?$/;
  const found = shape.exec(text);
  if (found === null) throw syntaxError(tokens[1]?.text ?? '');
  // Facts 3.7: a BEGIN within a transaction is taken in silence.
  if (inTransaction) return { steps: [], shown: undefined, tag: 'BEGIN' };
  const begin = `begin isolation level repeatable read${found[1] === 'only' ? ' read only' : ''}`;
  return { steps: [begin, ...(snapshotAtBegin ? ['select 1'] : [])], shown: 0, tag: '' };
}

function ending(tokens: readonly Token[], verb: string): string {
  const words = tokens.slice(1).filter(({ kind }) => kind !== 'end');
  if (words.length > 1 || (words.length === 1 && !isWord(words[0], 'work', 'transaction')))
    throw syntaxError(words.find((word) => !isWord(word, 'work', 'transaction'))?.text ?? '');
  return verb;
}

const bindViews = 'select redshift.bind_late_views()';

// Late-binding views do not stand in the way of a change, and follow the names afterwards.
function aroundViews(names: readonly string[], steps: readonly string[], tag: string, unbind: boolean): Plan {
  const first = unbind ? [`select redshift.unbind_late_views(array[${names.map(quote).join(', ')}])`] : [];
  const shown = steps[0]?.startsWith('select') ? undefined : first.length;
  return { steps: [...first, ...steps, bindViews], shown, tag };
}

function droppedNames(tokens: readonly Token[]): string[] {
  const start = wordsAt(tokens, 2, 'if', 'exists') ? 4 : 2;
  return splitByComma(tokens, start, tokens.length).map(([from]) => sqlOf(nameAt(tokens, from)));
}

function quote(text: string): string {
  return text.includes('\\')
    ? `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", "''")}'`;
}
