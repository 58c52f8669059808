/**
 * Changes to single members of an object of JSON, in the text, so that every other byte stays as it is.
 * The object is flat, and its keys are free of escapes.
 */

const value = '("(?:[^"\\\\]|\\\\.)*"|[^,}]+)';

/** The text with another value, in JSON, for one key. */
export function withMember(text: string, key: string, change: (json: string) => string): string {
  return text.replace(member(key), (_, head: string, json: string) => `${head}${change(json)}`);
}

/** The text without one key, and without the comma that parted it from another one. */
export function withoutMember(text: string, key: string): string {
  const { source } = member(key);
  return text.replace(new RegExp(`${source}, ?|, ?${source}`), '');
}

/** The value of a key as JSON; undefined when there is no such key. */
export function memberOf(text: string, key: string): string | undefined {
  return member(key).exec(text)?.[2];
}

function member(key: string): RegExp {
  return new RegExp(`("${key}": ?)${value}`);
}
