import { createHash } from 'node:crypto';
import type { Token } from '../sql/tokens.ts';

/** Redshift cuts names here without a word (facts 2.6), PostgreSQL at 63. */
const redshiftBytes = 127;
const postgresBytes = 63;

const longNames = new Map<string, string>();

/**
 * The name as PostgreSQL keeps it: one that it would cut is made short and distinct. `longName` gives it back, so that
 * the client sees it whole in results; the catalogue shows the short one.
 */
function shortName(name: string): string {
  const whole = cutBytes(name, redshiftBytes);
  if (Buffer.byteLength(whole) <= postgresBytes) return whole;
  const hash = createHash('md5').update(whole).digest('hex').slice(0, 12);
  const short = `${cutBytes(whole, postgresBytes - hash.length - 1)}_${hash}`;
  longNames.set(short, whole);
  return short;
}

/** The name that `shortName` made short. */
export function longName(name: string): string {
  return longNames.get(name) ?? name;
}

/** The tokens with names that PostgreSQL keeps apart. */
export function shortenNames(tokens: readonly Token[]): Token[] {
  return tokens.map((token) => {
    if (token.kind === 'word') return withText(token, shortName(token.text));
    if (token.kind === 'quoted') return withText(token, `"${shortName(token.value).replaceAll('"', '""')}"`);
    return token;
  });
}

function withText(token: Token, text: string): Token {
  return text === token.text ? token : { ...token, text };
}

function cutBytes(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let cut = text.slice(0, bytes);
  while (Buffer.byteLength(cut) > bytes) cut = cut.slice(0, -1);
  return cut;
}
