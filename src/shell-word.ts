/** A word as a shell takes it: in quotes where it would cut or fold it, as at the `&` of a target. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
