import { Refusal, syntaxError } from '../refusal.ts';
import { ddlForms } from '../rules/ddl-forms.ts';
import { reservedNames } from '../rules/name-rules.ts';
import { under } from '../rules/rule.ts';
import { closingOf, isWord, nameAt, splitByComma, wordsAt } from '../sql/scan.ts';
import { render, type Token, token } from '../sql/tokens.ts';
import { type ColumnSql, readColumn } from './columns.ts';
import { shortenNames } from './names.ts';
import {
  columnList,
  emptyLayout,
  finishLayout,
  type LayoutDraft,
  readTableAttributes,
  type TableLayout,
} from './table-attributes.ts';

/** CREATE TABLE for PostgreSQL, and what Redshift would keep of it. */
export interface CreatedTable {
  /** As it stands in the statement. */
  readonly name: string;
  readonly tokens: readonly Token[];
  readonly layout: TableLayout;
  /** The table whose layout it takes over, for LIKE. */
  readonly like: string | undefined;
}

/** Takes CREATE TABLE and CREATE TABLE AS apart; keys are recorded and left out (facts 2.3). */
export function createTable(tokens: readonly Token[]): CreatedTable {
  const { at: nameStart, temporary, ifNotExists } = readHead(tokens);
  const name = nameAt(tokens, nameStart);
  if (temporary && name.length > 1)
    throw under(ddlForms.tempSchema, new Refusal('42P16', 'cannot create temporary relation in non-temporary schema'));
  const reserved = name.find((part) => part.kind === 'word' && reservedNames.has(part.value));
  if (reserved !== undefined) throw under(ddlForms.reservedColumn, syntaxError(reserved.text));
  const behindName = nameStart + name.length;
  const layout = emptyLayout();
  const head = tokens.slice(0, behindName);
  const text = render(name).trim();
  if (tokens[behindName]?.text === '(' && !isCreateAs(tokens, closingOf(tokens, behindName) + 1)) {
    const { body, like } = readBody(tokens, behindName, layout);
    const end = readTableAttributes(tokens, closingOf(tokens, behindName) + 1, layout);
    if (tokens[end]?.kind !== 'end') throw under(ddlForms.storage, syntaxError(tokens[end]?.text ?? ''));
    const columns = like === undefined ? body.map((column) => column.name) : undefined;
    const made = [...head, token('mark', `(${columnsSql(body, layout, like)})`, ' ')];
    return { name: text, tokens: made, layout: finishLayout(layout, columns), like };
  }
  if (ifNotExists) throw under(ddlForms.asIfNotExists, syntaxError('as'));
  const names = tokens[behindName]?.text === '(' ? tokens.slice(behindName, closingOf(tokens, behindName) + 1) : [];
  const as = readTableAttributes(tokens, behindName + names.length, layout);
  if (!isWord(tokens[as], 'as')) throw under(ddlForms.storage, syntaxError(tokens[as]?.text ?? ''));
  const made = [...head, ...names, ...tokens.slice(as)];
  return { name: text, tokens: made, layout: finishLayout(layout), like: undefined };
}

function readHead(tokens: readonly Token[]): { at: number; temporary: boolean; ifNotExists: boolean } {
  if (isWord(tokens[1], 'or')) throw under(ddlForms.orReplace, syntaxError('table'));
  let at = 1;
  if (isWord(tokens[at], 'unlogged', 'global')) throw under(ddlForms.unlogged, syntaxError(tokens[at]?.text ?? ''));
  if (isWord(tokens[at], 'local')) at += 1;
  const temporary = isWord(tokens[at], 'temp', 'temporary');
  at += temporary ? 2 : 1;
  const ifNotExists = wordsAt(tokens, at, 'if', 'not', 'exists');
  return { at: ifNotExists ? at + 3 : at, temporary, ifNotExists };
}

// A list of names and then attributes or AS belong to CREATE TABLE AS.
function isCreateAs(tokens: readonly Token[], behind: number): boolean {
  return isWord(tokens[readTableAttributes(tokens, behind, emptyLayout())], 'as');
}

interface Body {
  readonly body: readonly ColumnSql[];
  readonly like: string | undefined;
}

function readBody(tokens: readonly Token[], open: number, layout: LayoutDraft): Body {
  const body: ColumnSql[] = [];
  let like: string | undefined;
  for (const [from, to] of splitByComma(tokens, open + 1, closingOf(tokens, open))) {
    if (isWord(tokens[from], 'like')) like = readLike(tokens, from, to);
    else if (isTableKey(tokens, from)) readTableKey(tokens, from, to, layout);
    else if (isWord(tokens[from], 'constraint')) throw under(ddlForms.named, syntaxError('constraint'));
    else if (isWord(tokens[from], 'check', 'exclude'))
      throw under(ddlForms.check, syntaxError(tokens[from]?.text ?? ''));
    else body.push(readColumn(tokens, from, to, layout));
  }
  return { body, like };
}

function isTableKey(tokens: readonly Token[], at: number): boolean {
  const unique = isWord(tokens[at], 'unique') && tokens[at + 1]?.text === '(';
  return unique || wordsAt(tokens, at, 'primary', 'key') || wordsAt(tokens, at, 'foreign', 'key');
}

/** Reads a key of a table, as in CREATE TABLE or behind ADD of ALTER TABLE. */
export function readTableKey(tokens: readonly Token[], at: number, end: number, layout: LayoutDraft): void {
  const unique = isWord(tokens[at], 'unique');
  const open = at + (unique ? 1 : 2);
  const columns = columnList(tokens, open);
  let behind = closingOf(tokens, open) + 1;
  let references: string | undefined;
  if (isWord(tokens[at], 'foreign')) {
    const name = nameAt(tokens, behind + 1);
    references = render(name).trim();
    behind += 1 + name.length;
    if (tokens[behind]?.text === '(') behind = closingOf(tokens, behind) + 1;
  }
  if (behind < end && tokens[behind]?.kind !== 'end')
    throw under(ddlForms.indexedKey, syntaxError(tokens[behind]?.text ?? ''));
  const kind = unique ? 'unique' : references === undefined ? 'primary key' : 'foreign key';
  layout.keys = [...layout.keys, { kind, columns, ...(references === undefined ? {} : { references }) }];
}

// Defaults come along only when asked for; keys and identity never (facts 2.1).
function readLike(tokens: readonly Token[], from: number, to: number): string {
  const name = nameAt(tokens, from + 1);
  const behind = from + 1 + name.length;
  const options =
    behind === to || (isWord(tokens[behind], 'including', 'excluding') && isWord(tokens[behind + 1], 'defaults'));
  if (!options) throw under(ddlForms.storage, syntaxError(tokens[behind + 1]?.text ?? ''));
  return render(shortenNames(tokens.slice(from + 1, to))).trim();
}

// The columns of a primary key are not null, though the key itself is not enforced (facts 2.3).
function columnsSql(body: readonly ColumnSql[], layout: LayoutDraft, like: string | undefined): string {
  const primary = new Set(layout.keys.filter(({ kind }) => kind === 'primary key').flatMap(({ columns }) => columns));
  const columns = body.map(({ name, sql, notNull }) => (primary.has(name) && !notNull ? `${sql} not null` : sql));
  return [...(like === undefined ? [] : [`like ${like}`]), ...columns].join(', ');
}
