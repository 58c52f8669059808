import { appendFileSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generate } from '../src/generator/generate.ts';

const dayMs = 86_400_000;
/** Days that are generated; later ones repeat them with other sessions and times. */
const generatedDays = 30;
const start = Date.UTC(2018, 10, 1);

/** A bucket of many days of about the same size. */
export interface LongBucket {
  readonly root: string;
  /** Puts a day in, here or below another root; 0 is the first one. */
  add(day: number, into?: string): void;
  /** Gives the lines of a day another level. */
  replace(day: number): void;
}

/** Makes `days` days of about `eventsADay` events below a folder, and a catalogue. */
export async function longBucket(folder: string, days: number, eventsADay: number): Promise<LongBucket> {
  const [root, origin] = [join(folder, 'long'), join(folder, 'origin')];
  for (const path of [root, origin]) rmSync(path, { recursive: true, force: true });
  const users = Math.max(10, Math.round((eventsADay * generatedDays) / 76));
  await generate({ out: origin, users, days: generatedDays, songs: 500, seed: 4 });
  mkdirSync(root, { recursive: true });
  copyFileSync(join(origin, 'log_json_path.json'), join(root, 'log_json_path.json'));
  for (const key of filesBelow(join(origin, 'song_data')))
    copy(join(origin, 'song_data', key), join(root, 'song_data', key));
  const logs = filesBelow(join(origin, 'log_data')).map((key) => readFileSync(join(origin, 'log_data', key), 'utf8'));
  const bucket: LongBucket = {
    root,
    add: (day, into = root) =>
      write(join(into, keyOf(day)), shifted(logs[day % logs.length] ?? '', Math.floor(day / logs.length))),
    replace: (day) => {
      const path = join(root, keyOf(day));
      write(path, readFileSync(path, 'utf8').replaceAll('"level":"paid"', '"level":"free"'));
    },
  };
  for (let day = 0; day < days; day += 1) bucket.add(day);
  return bucket;
}

/** Puts the first or the last part of a file's lines into another one, at its end. */
export function appendLines(from: string, to: string, share: readonly [from: number, to: number]): void {
  const lines = readFileSync(from, 'utf8').trimEnd().split('\n');
  const part = lines.slice(Math.round(lines.length * share[0]), Math.round(lines.length * share[1]));
  mkdirSync(dirname(to), { recursive: true });
  appendFileSync(to, `${part.join('\n')}\n`);
}

export function keyOf(day: number): string {
  const date = new Date(start + day * dayMs).toISOString().slice(0, 10);
  return `log_data/${date.slice(0, 4)}/${date.slice(5, 7)}/${date}-events.json`;
}

/** The same day a number of rounds later, in sessions of its own. */
function shifted(lines: string, rounds: number): string {
  if (rounds === 0) return lines;
  return lines
    .replaceAll(/"ts":(\d+)/g, (_, ts: string) => `"ts":${Number(ts) + rounds * generatedDays * dayMs}`)
    .replaceAll(/"sessionId":(\d+)/g, (_, id: string) => `"sessionId":${Number(id) + rounds * 1_000_000}`);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((key) => key.endsWith('.json'))
    .sort();
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
