import { stripVTControlCharacters } from 'node:util';

// Letters of one column each, as nearly every text has: they need not be taken apart.
const plain = /^[ -~]*$/;
// East Asian wide and full-width forms, and what is drawn as an emoji: two columns in every terminal.
const wide =
  /\p{Emoji_Presentation}|\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]/u;
// Control characters, line separators and those that change the direction: data must not steer a terminal.
const unprintable = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;
const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A value from the data on one line, with everything that could steer a terminal escaped. */
export function printable(text: string): string {
  return text.replaceAll(unprintable, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return named[character] ?? `\\u${code}`;
  });
}

/** Columns a text takes on a terminal, colours not counted. */
export function displayWidth(text: string): number {
  const shown = stripVTControlCharacters(text);
  if (plain.test(shown)) return shown.length;
  let width = 0;
  for (const { segment } of graphemesOf(shown)) width += wide.test(segment) ? 2 : 1;
  return width;
}

// Made when it is needed: the data it loads take as long as a command that has little to do.
function graphemesOf(text: string): Intl.Segments {
  return new Intl.Segmenter().segment(text);
}

/** The text, or as much of it as fits with a … at the end. For text without colours. */
export function cut(text: string, width: number | undefined): string {
  if (width === undefined || displayWidth(text) <= width) return text;
  let kept = '';
  let left = width - 1;
  for (const { segment } of graphemesOf(text)) {
    left -= wide.test(segment) ? 2 : 1;
    if (left < 0) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** The text with spaces after it up to a width. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}
