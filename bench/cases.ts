import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  cpSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { generate } from '../src/generator/generate.ts';
import { appendLines, keyOf, longBucket } from './history.ts';
import { type Comparison, compare, measure } from './measure.ts';
import { againstCopy, stager } from './postgres.ts';

/** A measured claim: our command against a floor or a peer, as a ratio in one run. */
export interface Case {
  readonly name: string;
  readonly claim: string;
  /** The ratio must not be greater. */
  readonly atMost: number;
  readonly peer: string;
  run(folder: string, pairs: number): Promise<Comparison>;
}

const cli = resolve(import.meta.dirname, '../dist/cli/main.js');
const script = (name: string): string => resolve(import.meta.dirname, name);
const eventCount = Number(process.env.BENCH_EVENTS ?? 5_000_000);

/** Users who, over a month, leave about that many events. */
const usersFor = (events: number): number => Math.max(10, Math.round(events / 76));

async function bucket(folder: string, name: string, options: Parameters<typeof generate>[0]): Promise<string> {
  const root = join(folder, name);
  rmSync(root, { recursive: true, force: true });
  await generate({ ...options, out: root });
  return root;
}

/** A measured `sparkify run` of everything below a root into a file that is not there yet. */
async function loadAll(root: string, target: string, env: Record<string, string> = {}) {
  for (const suffix of ['', '.wal', '.listing']) rmSync(target + suffix, { force: true });
  const args = ['run', '--from', root, '--target', `duckdb:${target}`, '--max-conflicts', '1000000000'];
  return measure({ script: cli, args, env });
}

async function floor(root: string, target: string, sources: readonly ('events' | 'songs')[]) {
  rmSync(target, { force: true });
  const globs = { events: join(root, 'log_data/**/*.json'), songs: join(root, 'song_data/**/*.json') };
  return measure({
    script: script('floor.mjs'),
    args: [target, ...sources.flatMap((source) => [source, globs[source]])],
  });
}

const large: Case = {
  name: `${(eventCount / 1e6).toLocaleString('en')} million events`,
  claim: 'the whole run, checks and star included',
  atMost: 2,
  peer: "DuckDB's typed read_json of the same files into a file database",
  run: async (folder, pairs) => {
    const root = await bucket(folder, 'large', {
      out: '',
      users: usersFor(eventCount),
      days: 30,
      songs: 1_000,
      seed: 1,
    });
    const target = join(folder, 'large.duckdb');
    return compare(
      pairs,
      () => loadAll(root, target),
      () => floor(root, target, ['events']),
    );
  },
};

const dirty: Case = {
  name: '1 % dirty lines',
  claim: 'a million events of which one in a hundred is damaged',
  atMost: 1.3,
  peer: 'the same run without dirt',
  run: async (folder, pairs) => {
    const options = { out: '', users: usersFor(1_000_000), days: 30, songs: 1_000, seed: 2 };
    const [clean, damaged] = [
      await bucket(folder, 'clean', options),
      await bucket(folder, 'dirty', { ...options, dirty: 0.01 }),
    ];
    const target = join(folder, 'dirty.duckdb');
    return compare(
      pairs,
      () => loadAll(damaged, target),
      () => loadAll(clean, target),
    );
  },
};

const catalogue = (folder: string): Promise<string> =>
  bucket(folder, 'tiny', { out: '', users: 105, days: 30, songs: 15_000, seed: 3 });

const tiny: Case = {
  name: '15,000 song files and 8,000 events',
  claim: 'tiny objects are gathered before parsing',
  atMost: 1 / 3,
  peer: 'the floor statement over the same globs with default settings',
  run: async (folder, pairs) => {
    const root = await catalogue(folder);
    const target = join(folder, 'tiny.duckdb');
    return compare(
      pairs,
      () => loadAll(root, target),
      () => floor(root, target, ['events', 'songs']),
    );
  },
};

const unchanged: Case = {
  name: 'nothing new over 15,000 files',
  claim: 'a run that finds the listing it remembers',
  atMost: 1.5,
  peer: 'booting Node, listing and stat of the same files',
  run: async (folder, pairs) => {
    const root = await catalogue(folder);
    const target = join(folder, 'unchanged.duckdb');
    await loadAll(root, target);
    const again = ['run', '--from', root, '--target', `duckdb:${target}`];
    return compare(
      pairs,
      () => measure({ script: cli, args: again }),
      () =>
        measure({
          script: script('list-only.mjs'),
          args: readdirSync(root)
            .filter((name) => name.endsWith('_data'))
            .map((name) => join(root, name)),
        }),
    );
  },
};

const remote: Case = {
  name: '15,000 objects from S3 at 25 ms a request',
  claim: 'requests overlap, and parsing hides behind them',
  atMost: 1.5,
  peer: 'a bare AWS SDK loop over 64 connections',
  run: async (folder, pairs) => {
    const root = await catalogue(folder);
    const server = fork(script('slow-s3.mjs'), [root, '25']);
    const [port] = (await once(server, 'message')) as [number];
    const env = {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_REGION: 'us-east-1',
    };
    try {
      return await compare(
        pairs,
        () => loadAll('s3://bench', join(folder, 'remote.duckdb'), env),
        () => measure({ script: script('s3-loop.mjs'), args: ['bench', '', '64'], env }),
      );
    } finally {
      server.kill();
    }
  },
};

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

const nextDay: Case = {
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

const grown: Case = {
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

const replaced: Case = {
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

const million = (folder: string): Promise<string> =>
  bucket(folder, 'million', { out: '', users: usersFor(1_000_000), days: 30, songs: 1_000, seed: 4 });

const postgresStaging: Case = {
  name: '1 million events into the staging of PostgreSQL',
  claim: 'parsed, checked and loaded',
  atMost: 2.5,
  peer: 'COPY alone of the same staged rows on the same server',
  run: async (folder, pairs) => {
    const root = await million(folder);
    const stage = await stager(folder);
    return againstCopy(root, folder, pairs, (target) => stage(root, target));
  },
};

const postgres: Case = {
  name: '1 million events into PostgreSQL',
  claim: 'the whole run: star, checks and indexes included',
  atMost: 2.5,
  peer: 'COPY alone of the same staged rows on the same server',
  run: async (folder, pairs) => {
    const root = await million(folder);
    return againstCopy(root, folder, pairs, (target) =>
      measure({ script: cli, args: ['run', '--from', root, '--target', target, '--max-conflicts', '1000000000'] }),
    );
  },
};

/** Every case, the quick ones first. */
export const cases: Readonly<Record<string, Case>> = {
  unchanged,
  tiny,
  grown,
  'next-day': nextDay,
  replaced,
  remote,
  dirty,
  postgresStaging,
  postgres,
  large,
};

/** A folder of this name for what the cases make, emptied. */
export function freshFolder(path: string): string {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  return path;
}
