import { parseFrom, type Relation } from './from-clause.ts';
import { closingOf, findWord, isWord } from './scan.ts';
import type { Token } from './tokens.ts';

/** The clause of a block in which a token stands. */
export type Clause =
  | 'select'
  | 'from'
  | 'where'
  | 'group'
  | 'having'
  | 'qualify'
  | 'window'
  | 'order'
  | 'limit'
  | 'set';

/** One SELECT of a statement, from its first word to the end of its last clause. */
export interface QueryBlock {
  readonly tokens: readonly Token[];
  readonly start: number;
  readonly end: number;
  /** The block around it, whose names it sees; undefined for the statement's own. */
  readonly parent: QueryBlock | undefined;
  /** Where in the parent it stands; 'with' for the queries of a WITH. */
  readonly role: Clause | 'with';
  /** What FROM lists; a join in brackets is taken apart. */
  readonly relations: readonly Relation[];
  /** Whether it is one of several joined by UNION, INTERSECT or EXCEPT. */
  readonly inSetOperation: boolean;
}

/** Whether the token at this place belongs to the block itself and not to a subquery in it. */
export interface OwnToken {
  readonly at: number;
  readonly clause: Clause;
}

/** Every SELECT in [start, end), outermost first. `target` is the written table, which subqueries of DML see. */
export function queryBlocks(tokens: readonly Token[], target?: Relation): QueryBlock[] {
  const blocks: QueryBlock[] = [];
  const root = target && { ...emptyBlock(tokens), relations: [target] };
  collect(tokens, 0, tokens.length - 1, root, 'where', blocks);
  return blocks;
}

/** The tokens of the block outside its subqueries, with the clause they stand in. */
export function* ownTokens(block: QueryBlock): Generator<OwnToken> {
  const { tokens, start, end } = block;
  let clause: Clause = 'select';
  let depth = 0;
  for (let at = start; at < end; at += 1) {
    const token = tokens[at];
    if (token?.text === '(' && opensQuery(tokens, at)) {
      at = closingOf(tokens, at);
      continue;
    }
    if (token?.text === '(') depth += 1;
    if (token?.text === ')') depth -= 1;
    if (depth === 0 && at > start) clause = clauseAt(tokens, at) ?? clause;
    yield { at, clause };
  }
}

/** Whether the bracket holds a query. */
export function opensQuery(tokens: readonly Token[], open: number): boolean {
  let at = open + 1;
  while (tokens[at]?.text === '(') at += 1;
  return isWord(tokens[at], 'select', 'with');
}

const setOperators = ['union', 'intersect', 'except', 'minus'];
const clauses: Readonly<Record<string, Clause>> = {
  from: 'from',
  where: 'where',
  group: 'group',
  having: 'having',
  qualify: 'qualify',
  window: 'window',
  order: 'order',
  limit: 'limit',
  offset: 'limit',
  fetch: 'limit',
  set: 'set',
};

function clauseAt(tokens: readonly Token[], at: number): Clause | undefined {
  const token = tokens[at];
  return token?.kind === 'word' && tokens[at - 1]?.text !== '.' ? clauses[token.value] : undefined;
}

function emptyBlock(tokens: readonly Token[]): QueryBlock {
  return { tokens, start: 0, end: 0, parent: undefined, role: 'where', relations: [], inSetOperation: false };
}

// One query expression: queries of a WITH, then SELECTs joined by set operators, any of them in brackets. Of another
// statement it finds the subqueries.
function collect(
  tokens: readonly Token[],
  start: number,
  end: number,
  parent: QueryBlock | undefined,
  role: QueryBlock['role'],
  into: QueryBlock[],
): void {
  const inSetOperation = findWord(tokens, setOperators, start, end) < end;
  let inWith = isWord(tokens[start], 'with');
  for (let at = start; at < end; at += 1) {
    const token = tokens[at];
    if (token?.text === '(') {
      const close = closingOf(tokens, at);
      collect(tokens, at + 1, close, parent, inWith ? 'with' : role, into);
      at = close;
    } else if (isWord(token, 'select') && tokens[at - 1]?.text !== '.') {
      const stop = findWord(tokens, setOperators, at, end);
      const relations = parseFrom(tokens, findWord(tokens, ['from'], at, stop), stop);
      const block = { tokens, start: at, end: stop, parent, role, relations, inSetOperation };
      into.push(block);
      collectInside(block, into);
      at = stop;
    } else if (isWord(token, 'insert', 'update', 'delete', 'merge')) inWith = false;
  }
}

// The subqueries of a block, wherever they stand in it.
function collectInside(block: QueryBlock, into: QueryBlock[]): void {
  const { tokens, start, end } = block;
  let clause: Clause = 'select';
  let depth = 0;
  for (let at = start + 1; at < end; at += 1) {
    if (depth === 0) clause = clauseAt(tokens, at) ?? clause;
    const text = tokens[at]?.text;
    if (text === '(' && opensQuery(tokens, at)) {
      const close = closingOf(tokens, at);
      collect(tokens, at + 1, close, block, clause, into);
      at = close;
    } else if (text === '(') depth += 1;
    else if (text === ')') depth -= 1;
  }
}
