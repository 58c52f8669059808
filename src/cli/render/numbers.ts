export { count, counted } from '../../pipeline/count.ts';

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** In powers of 1,000, as disks are sold and rates are given: `2.3 MB`. */
export function bytes(value: number): string {
  const fitting = units.findIndex((_, power) => value < 999.5 * 1_000 ** power);
  const power = fitting < 0 ? units.length - 1 : fitting;
  const scaled = value / 1_000 ** power;
  return `${scaled.toFixed(power > 0 && scaled < 9.95 ? 1 : 0)} ${units[power]}`;
}

/** `0.12 s`, `48.3 s`, `3 min 12 s`. */
export function duration(elapsedMs: number): string {
  if (elapsedMs < 10_000) return `${(elapsedMs / 1_000).toFixed(2)} s`;
  if (elapsedMs < 60_000) return `${(elapsedMs / 1_000).toFixed(1)} s`;
  const seconds = Math.round(elapsedMs / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Bytes a second, or undefined where it was over too fast to say. */
export function rate(sizeBytes: number, elapsedMs: number): string | undefined {
  return elapsedMs < 1 || sizeBytes === 0 ? undefined : `${bytes((sizeBytes / elapsedMs) * 1_000)}/s`;
}
