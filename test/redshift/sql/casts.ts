import { closingOf, findWord, isWord } from './scan.ts';
import type { Token } from './tokens.ts';

/** Where the types of casts begin: behind `::` and behind the AS of a CAST. */
export function castsIn(tokens: readonly Token[]): number[] {
  const places: number[] = [];
  for (const [at, token] of tokens.entries()) {
    if (token.text === '::') places.push(at + 1);
    if (!isWord(token, 'cast') || tokens[at + 1]?.text !== '(') continue;
    const close = closingOf(tokens, at + 1);
    const as = findWord(tokens, ['as'], at + 2, close);
    if (as < close) places.push(as + 1);
  }
  return places;
}
