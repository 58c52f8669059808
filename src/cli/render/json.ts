/** One JSON object on one line. Integers stay exact: those beyond ±(2^53−1) become text, and so do NaN and ±Infinity. */
export function renderJson(data: object): string {
  return JSON.stringify(data, (_, value: unknown) => jsonValue(value));
}

function jsonValue(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
