/** A whole number as `1,234,567`. By hand, since loading a locale takes as long as a command that has little to do. */
export function count(value: number | bigint): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}
