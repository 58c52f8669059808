import type { Token } from './tokens.ts';

/** Whether the token is one of these words, bare. */
export function isWord(token: Token | undefined, ...words: readonly string[]): boolean {
  return token?.kind === 'word' && words.includes(token.value);
}

/** Whether these words stand here, one after the other. */
export function wordsAt(tokens: readonly Token[], at: number, ...words: readonly string[]): boolean {
  return words.every((word, offset) => isWord(tokens[at + offset], word));
}

/** Where the bracket that opens here closes; the last token when it does not. */
export function closingOf(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    const text = tokens[at]?.text;
    if (text === '(' || text === '[') depth += 1;
    if (text === ')' || text === ']') depth -= 1;
    if (depth === 0) return at;
  }
  return tokens.length - 1;
}

/** The tokens of the (qualified) name that begins here; none if there is no name. */
export function nameAt(tokens: readonly Token[], at: number): readonly Token[] {
  let end = at;
  while (isName(tokens[end])) {
    end += 1;
    if (tokens[end]?.text !== '.' || !isName(tokens[end + 1])) break;
    end += 1;
  }
  return tokens.slice(at, end);
}

function isName(token: Token | undefined): boolean {
  return token?.kind === 'word' || token?.kind === 'quoted';
}

/** The positions in [start, end) that stand in no bracket opened there, with those of the brackets themselves. */
export function* topLevel(tokens: readonly Token[], start = 0, end = tokens.length): Generator<number> {
  for (let at = start; at < end; at += 1) {
    yield at;
    if (tokens[at]?.text === '(' || tokens[at]?.text === '[') at = Math.min(closingOf(tokens, at), end) - 1;
  }
}

/** The first place in [start, end), outside brackets, where one of the words stands; `end` if there is none. */
export function findWord(tokens: readonly Token[], words: readonly string[], start: number, end: number): number {
  for (const at of topLevel(tokens, start, end)) if (isWord(tokens[at], ...words)) return at;
  return end;
}

/** The ranges between the commas in [start, end) that stand in no bracket. */
export function splitByComma(tokens: readonly Token[], start: number, end: number): (readonly [number, number])[] {
  const ranges: (readonly [number, number])[] = [];
  let from = start;
  for (const at of topLevel(tokens, start, end)) {
    if (tokens[at]?.text !== ',') continue;
    ranges.push([from, at]);
    from = at + 1;
  }
  return from < end || ranges.length > 0 ? [...ranges, [from, end]] : [];
}
