import { Refusal, syntaxError } from '../refusal.ts';
import { ddlForms } from '../rules/ddl-forms.ts';
import { under } from '../rules/rule.ts';
import type { QueryBlock } from '../sql/query-blocks.ts';
import { closingOf, isWord, nameAt, wordsAt } from '../sql/scan.ts';
import { render, type Token } from '../sql/tokens.ts';

/** CREATE VIEW, taken apart. */
export interface CreatedView {
  readonly name: string;
  readonly orReplace: boolean;
  /** The names of its columns in brackets, if given; and its query. */
  readonly columns: readonly Token[];
  readonly query: readonly Token[];
  /** Made by WITH NO SCHEMA BINDING: it follows names, and outlives its tables (facts 2.7). */
  readonly lateBound: boolean;
}

/** @throws Refusal where Redshift does not take the view */
export function createView(tokens: readonly Token[], blocks: readonly QueryBlock[]): CreatedView {
  const orReplace = wordsAt(tokens, 1, 'or', 'replace');
  const start = orReplace ? 3 : 1;
  if (!isWord(tokens[start], 'view')) throw under(ddlForms.viewOption, syntaxError(tokens[start]?.text ?? ''));
  const name = nameAt(tokens, start + 1);
  const behind = start + 1 + name.length;
  const columns = tokens[behind]?.text === '(' ? tokens.slice(behind, closingOf(tokens, behind) + 1) : [];
  const as = behind + columns.length;
  if (!isWord(tokens[as], 'as')) throw under(ddlForms.viewOption, syntaxError(tokens[as]?.text ?? ''));
  const options = tokens.length - 5;
  const lateBound = wordsAt(tokens, options, 'with', 'no', 'schema', 'binding');
  const query = tokens.slice(as + 1, lateBound ? options : tokens.length - 1);
  if (wordsAt(query, query.length - 3, 'with', 'check', 'option'))
    throw under(ddlForms.viewOption, syntaxError('check'));
  if (lateBound) checkLateBound(query, blocks);
  return { name: render(name).trim(), orReplace, columns, query, lateBound };
}

function checkLateBound(query: readonly Token[], blocks: readonly QueryBlock[]): void {
  if (query.some((token) => isWord(token, 'recursive')))
    throw under(ddlForms.lateBound, new Refusal('0A000', 'A recursive CTE is not supported in a late binding view'));
  const named = new Set(query.flatMap((token, at) => (isCte(query, at) ? [token.value] : [])));
  const bare = blocks
    .flatMap(({ relations }) => relations)
    .find(({ kind, schema, name }) => kind === 'table' && schema === undefined && !named.has(name));
  if (bare !== undefined)
    throw under(
      ddlForms.lateBound,
      new Refusal(
        '42P01',
        'All the relation names inside should be qualified when creating VIEW WITH NO SCHEMA BINDING.',
      ),
    );
}

// The name of a query in WITH.
function isCte(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1];
  if (!isWord(before, 'with') && before?.text !== ',') return false;
  const as = tokens[at + 1]?.text === '(' ? closingOf(tokens, at + 1) + 1 : at + 1;
  return isWord(tokens[as], 'as') && tokens[as + 1]?.text === '(';
}
