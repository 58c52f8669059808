import { Refusal, syntaxError } from '../refusal.ts';
import { ddlForms } from '../rules/ddl-forms.ts';
import { under } from '../rules/rule.ts';
import { closingOf, isWord, splitByComma } from '../sql/scan.ts';
import type { Token } from '../sql/tokens.ts';

/** How a table lies on a cluster: taken from its DDL, kept in redshift.table_layouts. */
export interface TableLayout {
  readonly diststyle: 'AUTO' | 'EVEN' | 'KEY' | 'ALL';
  readonly distkey: string | undefined;
  /** In order; empty for none. `AUTO` is kept apart. */
  readonly sortkey: readonly string[];
  readonly sortAuto: boolean;
  readonly interleaved: boolean;
  /** By column; absent where Redshift chooses. */
  readonly encodings: Readonly<Record<string, string>>;
  /** Declared and not enforced (facts 2.3). */
  readonly keys: readonly DeclaredKey[];
}

export interface DeclaredKey {
  readonly kind: 'primary key' | 'unique' | 'foreign key';
  readonly columns: readonly string[];
  readonly references?: string;
}

export type LayoutDraft = { -readonly [Name in keyof TableLayout]: TableLayout[Name] } & { hasDiststyle: boolean };

/** The layout of a table of which nothing is said. */
export function emptyLayout(): LayoutDraft {
  return {
    diststyle: 'AUTO',
    distkey: undefined,
    sortkey: [],
    sortAuto: true,
    interleaved: false,
    encodings: {},
    keys: [],
    hasDiststyle: false,
  };
}

/** Reads the attributes behind the columns into the draft; gives the place of the first token that is none. */
export function readTableAttributes(tokens: readonly Token[], start: number, layout: LayoutDraft): number {
  let at = start;
  for (;;) {
    const word = tokens[at];
    const next = tokens[at + 1];
    if (isWord(word, 'backup') && isWord(next, 'yes', 'no')) at += 2;
    else if (isWord(word, 'diststyle')) {
      setDiststyle(layout, next?.value ?? '');
      at += 2;
    } else if (isWord(word, 'distkey') && next?.text === '(') {
      const [column = ''] = columnList(tokens, at + 1);
      setDistkey(layout, column);
      at = closingOf(tokens, at + 1) + 1;
    } else if (isWord(word, 'sortkey', 'compound', 'interleaved')) at = readSortkey(tokens, at, layout);
    else if (isWord(word, 'encode') && isWord(next, 'auto')) at += 2;
    else return at;
  }
}

function readSortkey(tokens: readonly Token[], start: number, layout: LayoutDraft): number {
  const at = isWord(tokens[start], 'sortkey') ? start : start + 1;
  if (!isWord(tokens[at], 'sortkey')) throw syntaxError(tokens[at]?.text ?? '');
  if (isWord(tokens[at + 1], 'auto', 'none')) {
    layout.sortAuto = isWord(tokens[at + 1], 'auto');
    return at + 2;
  }
  setSortkey(layout, columnList(tokens, at + 1), isWord(tokens[start], 'interleaved'));
  return closingOf(tokens, at + 1) + 1;
}

/** The names in the brackets that open here. */
export function columnList(tokens: readonly Token[], open: number): string[] {
  if (tokens[open]?.text !== '(') throw syntaxError(tokens[open]?.text ?? '');
  return splitByComma(tokens, open + 1, closingOf(tokens, open)).map(([from]) => tokens[from]?.value ?? '');
}

export function setDistkey(layout: LayoutDraft, column: string): void {
  if (layout.distkey !== undefined) throw wrongLayout('Only one column can be the distribution key');
  layout.distkey = column;
}

export function setSortkey(layout: LayoutDraft, columns: readonly string[], interleaved = false): void {
  if (layout.sortkey.length > 0) throw wrongLayout('The sort key is given twice');
  if (columns.length > (interleaved ? 8 : 400)) throw wrongLayout('Too many sort key columns');
  Object.assign(layout, { sortkey: columns, sortAuto: false, interleaved });
}

/** Checks the layout as a whole, against the columns where they are known, and settles the style. */
export function finishLayout(draft: LayoutDraft, columns?: readonly string[]): TableLayout {
  const { hasDiststyle, ...layout } = draft;
  const { diststyle, distkey, sortkey } = layout;
  if (hasDiststyle && diststyle === 'KEY' && distkey === undefined) throw wrongLayout('DISTSTYLE KEY needs a DISTKEY');
  if (hasDiststyle && diststyle !== 'KEY' && distkey !== undefined)
    throw wrongLayout(`A DISTKEY cannot go with DISTSTYLE ${diststyle}`);
  const named = [...(distkey === undefined ? [] : [distkey]), ...sortkey, ...layout.keys.flatMap((key) => key.columns)];
  const missing = named.find((name) => columns !== undefined && !columns.includes(name));
  if (missing !== undefined)
    throw under(ddlForms.distribution, new Refusal('42703', `column "${missing}" named in key does not exist`));
  return { ...layout, diststyle: distkey === undefined ? diststyle : 'KEY' };
}

function setDiststyle(layout: LayoutDraft, style: string): void {
  const found = (['AUTO', 'EVEN', 'KEY', 'ALL'] as const).find((known) => known === style.toUpperCase());
  if (found === undefined) throw wrongLayout(`DISTSTYLE ${style} does not exist`);
  Object.assign(layout, { diststyle: found, hasDiststyle: true });
}

function wrongLayout(message: string): Refusal {
  return under(ddlForms.distribution, new Refusal('42P16', message));
}
