/** Why a JSONPath is refused, and the 1-based character where it goes wrong. */
export interface JsonPathProblem {
  readonly at: number;
  readonly problem: string;
}

const allowed = '`$.key`, `$[\'key\']` and `$["key"]`, also one after the other, are possible';
const dotKey = /[\p{L}\p{N}_$-]+/uy;

/**
 * The keys of a JSONPath, outermost first. A key in brackets may hold anything but quotes of its own kind and
 * backslashes, whose meaning there Redshift does not document.
 */
export function parseJsonPath(path: string): readonly string[] | JsonPathProblem {
  if (!path.startsWith('$')) return { at: 1, problem: `a path begins with $; ${allowed}` };
  const keys: string[] = [];
  for (let at = 1; at < path.length; ) {
    const step = path[at] === '.' ? dotStep(path, at) : bracketStep(path, at);
    if ('problem' in step) return step;
    keys.push(step.key);
    at = step.end;
  }
  return keys.length > 0 ? keys : { at: 2, problem: `$ alone is the whole object; ${allowed}` };
}

/** A path is shown up to so many characters. */
const shownCharacters = 200;
const plainKey = /^[\p{L}\p{N}_$-]+$/u;
/** Control characters, line separators and those that change the direction of writing. */
const unprintable = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;

/**
 * A path for people: `$.key`, or `$["a key"]` where the key is not plain. Printable, and cut at 200 characters with a …
 * at the end, so that it can stand in messages and in the ledger; paths that begin alike so far are then the same.
 */
export function shownPath(keys: readonly string[]): string {
  const steps = keys.map((key) => (plainKey.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`));
  const path = `$${steps.join('')}`.replaceAll(unprintable, escaped);
  const characters = [...path];
  return characters.length <= shownCharacters ? path : `${characters.slice(0, shownCharacters).join('')}…`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

type Step = { readonly key: string; readonly end: number } | JsonPathProblem;

function dotStep(path: string, at: number): Step {
  if (path[at + 1] === '.') return { at: at + 2, problem: 'a search through all levels (..) is not possible' };
  if (path[at + 1] === '*') return { at: at + 2, problem: 'a wildcard is not possible' };
  dotKey.lastIndex = at + 1;
  const key = dotKey.exec(path)?.[0];
  if (key !== undefined) return { key, end: at + 1 + key.length };
  return { at: at + 2, problem: "a key of letters, digits, _, - or $ is expected; write others as ['key']" };
}

function bracketStep(path: string, at: number): Step {
  if (path[at] !== '[') return { at: at + 1, problem: `'.' or '[' is expected; ${allowed}` };
  const quote = path[at + 1];
  if (quote !== "'" && quote !== '"') return { at: at + 2, problem: bracketProblem(quote) };
  const end = path.indexOf(quote, at + 2);
  if (end === -1) return { at: at + 2, problem: 'the quote is not closed' };
  const key = path.slice(at + 2, end);
  if (key === '') return { at: at + 3, problem: 'the key is empty' };
  if (key.includes('\\')) return { at: at + 3 + key.indexOf('\\'), problem: 'a backslash in a key is not possible' };
  if (key.includes('\0')) return { at: at + 3 + key.indexOf('\0'), problem: 'U+0000 in a key is not possible' };
  if (path[end + 1] !== ']') return { at: end + 2, problem: 'a closing ] is expected' };
  return { key, end: end + 2 };
}

function bracketProblem(begin: string | undefined): string {
  if (begin === undefined) return 'the bracket is not closed';
  if (begin === '*') return 'a wildcard is not possible';
  if (begin === '?' || begin === '(') return 'a filter is not possible';
  return /[0-9:-]/.test(begin) ? 'an array index is not possible' : 'a key in quotes is expected';
}
