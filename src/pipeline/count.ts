/** A whole number as `1,234,567`. By hand, since loading a locale takes as long as a command that has little to do. */
export function count(value: number | bigint): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 object`, `1,234 objects`; `many` where the plural is not the word and an s. */
export function counted(value: number | bigint, one: string, many = `${one}s`): string {
  return `${count(value)} ${BigInt(value) === 1n ? one : many}`;
}
