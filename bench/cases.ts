import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bucket, type Case, cli, loadAll, script, usersFor } from './case.ts';
import { grown, nextDay, replaced } from './later-loads.ts';
import { compare, measure } from './measure.ts';
import { againstCopy, stager } from './postgres.ts';

const eventCount = Number(process.env.BENCH_EVENTS ?? 5_000_000);

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
