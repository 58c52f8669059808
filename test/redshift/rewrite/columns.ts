import { Refusal, syntaxError } from '../refusal.ts';
import { ddlForms } from '../rules/ddl-forms.ts';
import { reservedNames } from '../rules/name-rules.ts';
import { type RefusedForm, under } from '../rules/rule.ts';
import { closingOf, findWord, isWord, nameAt, wordsAt } from '../sql/scan.ts';
import { render, type Token } from '../sql/tokens.ts';
import { readType, refuseType, typeForPostgres } from '../sql/types.ts';
import { rewriteExpressions } from './expressions.ts';
import { shortenNames } from './names.ts';
import { columnList, type LayoutDraft, setDistkey, setSortkey } from './table-attributes.ts';

/** A column of CREATE TABLE or ADD COLUMN for PostgreSQL. */
export interface ColumnSql {
  readonly name: string;
  readonly sql: string;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  readonly identity: 'none' | 'always' | 'by default';
}

type Draft = { -readonly [Name in keyof ColumnSql]: ColumnSql[Name] };

/** Reads the column in [start, end); what it says of the layout goes into the draft, what keys it declares too. */
export function readColumn(tokens: readonly Token[], start: number, end: number, layout: LayoutDraft): ColumnSql {
  const name = tokens[start]?.value ?? '';
  checkName(tokens[start]);
  const type = readType(tokens, start + 1);
  const refusal = refuseType(type);
  if (refusal !== undefined) throw under(refusal.sqlState === '22023' ? ddlForms.length : ddlForms.type, refusal);
  const column: Draft = {
    name,
    sql: `${render(shortenNames(tokens.slice(start, start + 1))).trim()} ${typeForPostgres(type)}`,
    notNull: false,
    hasDefault: false,
    identity: 'none',
  };
  let at = start + 1 + type.length;
  while (at < end) at = readAttribute(tokens, at, end, column, layout);
  return { ...column, sql: column.notNull ? `${column.sql} not null` : column.sql };
}

function checkName(token: Token | undefined): void {
  const name = token?.value ?? '';
  if (systemColumns.has(name))
    throw under(
      ddlForms.systemColumn,
      new Refusal('42701', `column name "${name}" conflicts with a system column name`),
    );
  if (token?.kind === 'word' && reservedNames.has(name)) throw under(ddlForms.reservedColumn, syntaxError(name));
}

const systemColumns = new Set(['oid', 'tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']);

// Reads one attribute or constraint and gives the place behind it.
function readAttribute(tokens: readonly Token[], at: number, end: number, column: Draft, layout: LayoutDraft): number {
  const token = tokens[at];
  const next = tokens[at + 1];
  if (isWord(token, 'not') && isWord(next, 'null')) {
    column.notNull = true;
    return at + 2;
  }
  if (isWord(token, 'null')) return at + 1;
  if (isWord(token, 'default')) return readDefault(tokens, at, end, column);
  if (isWord(token, 'identity')) return readIdentity(tokens, at, column, 'always');
  if (wordsAt(tokens, at, 'generated', 'by', 'default', 'as', 'identity') && tokens[at + 5]?.text === '(')
    return readIdentity(tokens, at + 4, column, 'by default');
  if (isWord(token, 'distkey')) setDistkey(layout, column.name);
  else if (isWord(token, 'sortkey')) setSortkey(layout, [column.name]);
  else if (isWord(token, 'encode')) {
    layout.encodings = { ...layout.encodings, [column.name]: encoding(next?.value ?? '') };
    return at + 2;
  } else if (isWord(token, 'collate') && isWord(next, 'case_sensitive')) return at + 2;
  else return readKey(tokens, at, column, layout);
  return at + 1;
}

function readDefault(tokens: readonly Token[], at: number, end: number, column: Draft): number {
  const stop = findWord(tokens, attributeWords, at + 1, end);
  const isNull = isWord(tokens[stop], 'null') && stop === at + 1;
  const behind = isNull ? stop + 1 : stop;
  const expression = rewriteExpressions(tokens.slice(at, behind), { lastCopyCount: 0, lastCopyId: -1 });
  column.sql += ` ${render(shortenNames(expression)).trim()}`;
  column.hasDefault = true;
  return behind;
}

const attributeWords = [
  ...['not', 'null', 'identity', 'generated', 'encode', 'distkey', 'sortkey', 'collate', 'unique', 'primary'],
  ...['references', 'check', 'constraint'],
];

// Redshift leaves gaps (facts 2.2), so the step is three times what was asked for.
function readIdentity(tokens: readonly Token[], at: number, column: Draft, identity: 'always' | 'by default'): number {
  const [seed, step] = columnList(tokens, at + 1);
  const type = column.sql.split(' ').at(-1) ?? '';
  if (type !== 'integer' && type !== 'bigint')
    throw under(ddlForms.identity, new Refusal('42601', `Invalid type "${type}" for IDENTITY column "${column.name}"`));
  const bound = Number(step) < 0 ? 'maxvalue' : 'minvalue';
  column.sql += ` generated ${identity} as identity (start with ${seed} ${bound} ${seed} increment by ${Number(step) * 3})`;
  Object.assign(column, { notNull: true, identity });
  return closingOf(tokens, at + 1) + 1;
}

function encoding(name: string): string {
  if (encodings.has(name)) return name;
  throw under(ddlForms.encoding, new Refusal('42601', `invalid encoding type specified for column`));
}

const encodings = new Set([
  ...['raw', 'az64', 'bytedict', 'delta', 'delta32k', 'lzo', 'mostly8', 'mostly16', 'mostly32', 'runlength'],
  ...['text255', 'text32k', 'zstd', 'auto'],
]);

function readKey(tokens: readonly Token[], at: number, column: Draft, layout: LayoutDraft): number {
  const primary = wordsAt(tokens, at, 'primary', 'key');
  if (primary || isWord(tokens[at], 'unique')) {
    if (primary) column.notNull = true;
    layout.keys = [...layout.keys, { kind: primary ? 'primary key' : 'unique', columns: [column.name] }];
    return at + (primary ? 2 : 1);
  }
  if (isWord(tokens[at], 'references')) {
    const name = nameAt(tokens, at + 1);
    const behind = at + 1 + name.length;
    const references = render(name).trim();
    layout.keys = [...layout.keys, { kind: 'foreign key', columns: [column.name], references }];
    return tokens[behind]?.text === '(' ? closingOf(tokens, behind) + 1 : behind;
  }
  throw under(formOf(tokens[at]), syntaxError(tokens[at]?.text ?? ''));
}

function formOf(token: Token | undefined): RefusedForm {
  if (isWord(token, 'check')) return ddlForms.check;
  if (isWord(token, 'constraint')) return ddlForms.named;
  if (isWord(token, 'generated')) return ddlForms.generated;
  return ddlForms.indexedKey;
}
