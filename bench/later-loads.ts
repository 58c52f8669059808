import { closeSync, copyFileSync, cpSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Case, cli, loadAll } from './case.ts';
import { appendLines, keyOf, longBucket } from './history.ts';
import { compare, measure } from './measure.ts';

/**
 * A load of what is new into a copy of a warehouse, so that each run begins from the same: on disk, since the commit of
 * the run would wait for the writing of the copy else.
 */
async function loadInto(warehouse: string, root: string) {
  const target = `${warehouse}.copy`;
  copyFileSync(warehouse, target);
  flush(target);
  for (const suffix of ['.wal', '.listing']) rmSync(target + suffix, { force: true });
  return measure({ script: cli, args: ['run', '--from', root, '--target', `duckdb:${target}`] });
}

function flush(file: string): void {
  const descriptor = openSync(file, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

const eventsADay = Number(process.env.BENCH_DAY ?? 5_000);

export const nextDay: Case = {
  name: 'one more day after 1,000',
  claim: `a day of about ${eventsADay.toLocaleString('en')} events`,
  atMost: 1.3,
  peer: 'the same day after 10',
  run: async (folder, pairs) => {
    const bucket = await longBucket(folder, 10, eventsADay);
    const few = join(folder, 'few');
    cpSync(bucket.root, few, { recursive: true });
    for (let day = 10; day < 1_000; day += 1) bucket.add(day);
    const [short, long] = [join(folder, 'short.duckdb'), join(folder, 'long.duckdb')];
    await loadAll(few, short);
    await loadAll(bucket.root, long);
    bucket.add(1_000);
    bucket.add(1_000, few);
    return compare(
      pairs,
      () => loadInto(long, bucket.root),
      () => loadInto(short, few),
    );
  },
};

export const grown: Case = {
  name: 'a file that grew by 10 %',
  claim: `a file of about ${(eventsADay * 20).toLocaleString('en')} events, of which the last tenth is new`,
  atMost: 1.5,
  peer: 'the same lines as a new file',
  run: async (folder, pairs) => {
    const days = await longBucket(folder, 1, eventsADay * 20);
    const whole = join(folder, 'whole.json');
    renameSync(join(days.root, keyOf(0)), whole);
    const [growing, adding] = [join(folder, 'growing'), join(folder, 'adding')];
    const warehouses = [growing, adding].map((root) => {
      cpSync(days.root, root, { recursive: true });
      appendLines(whole, join(root, keyOf(0)), [0, 0.9]);
      return { root, file: `${root}.duckdb` };
    });
    for (const { root, file } of warehouses) await loadAll(root, file);
    appendLines(whole, join(growing, keyOf(0)), [0.9, 1]);
    appendLines(whole, join(adding, keyOf(1)), [0.9, 1]);
    return compare(
      pairs,
      () => loadInto(`${growing}.duckdb`, growing),
      () => loadInto(`${adding}.duckdb`, adding),
    );
  },
};

export const replaced: Case = {
  name: 'one file of 1,000 replaced',
  claim: 'by as many lines, a part of them with another level',
  atMost: 3,
  peer: 'adding such a file',
  run: async (folder, pairs) => {
    const bucket = await longBucket(folder, 1_000, eventsADay);
    const warehouse = join(folder, 'replaced.duckdb');
    await loadAll(bucket.root, warehouse);
    const adding = join(folder, 'more');
    cpSync(bucket.root, adding, { recursive: true, preserveTimestamps: true });
    const other = join(folder, 'added.duckdb');
    await loadAll(adding, other);
    bucket.add(1_000, adding);
    bucket.replace(500);
    return compare(
      pairs,
      () => loadInto(warehouse, bucket.root),
      () => loadInto(other, adding),
    );
  },
};
