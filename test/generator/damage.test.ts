import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { effects, type Planted } from '../../src/generator/damage/kinds.ts';
import { stagingEvents, stagingSongs } from '../../src/sparkify/staging.ts';
import { bucketOfBytes, groupedBy, type RawBucket } from './bucket.ts';
import { judged, type Verdict } from './judge.ts';

const options = { users: 150, days: 20, songs: 2000, seed: 4 };

let sound: RawBucket;
let dirty: RawBucket;
beforeAll(async () => {
  sound = await bucketOfBytes(options);
  dirty = await bucketOfBytes({ ...options, dirty: 0.05 });
});
afterAll(() => Promise.all([sound, dirty].map(({ root }) => rm(root, { recursive: true, force: true }))));

const isLog = (key: string) => key.startsWith('log_data/');
const isSong = (key: string) => key.startsWith('song_data/');

/** The lines of the logs as Latin-1, in which every byte is a character; no byte order marks. */
function lines({ objects }: RawBucket): readonly string[] {
  const logs = [...objects].filter(([key]) => isLog(key));
  return logs.flatMap(([, bytes]) =>
    bytes
      .toString('latin1')
      .replace(/^\xef\xbb\xbf/, '')
      .split('\n'),
  );
}

function songs({ objects }: RawBucket): readonly string[] {
  return [...objects].flatMap(([key, bytes]) => (isSong(key) ? [bytes.toString('latin1')] : []));
}

function planted(source: Planted['source'], holds: (row: Planted) => boolean): number {
  const rows = dirty.summary.planted.filter((row) => row.source === source && holds(row));
  return rows.reduce((sum, { count }) => sum + count, 0);
}

function plantedEffect(source: Planted['source'], effect: Planted['effect']): number {
  return planted(source, (row) => row.effect === effect);
}

describe('the damage planted', () => {
  test('is none unless asked for: the bytes are those of a run without the option', async () => {
    const without = await bucketOfBytes({ ...options, dirty: 0 });
    await rm(without.root, { recursive: true, force: true });
    expect(without.summary.planted).toEqual([]);
    expect([...without.objects.keys()]).toEqual([...sound.objects.keys()]);
    for (const [key, bytes] of sound.objects) expect(without.objects.get(key)?.equals(bytes), key).toBe(true);
  });

  test('is the same for the same seed, and that of the first days for more days', async () => {
    const again = await bucketOfBytes({ ...options, dirty: 0.05, days: 22 });
    await rm(again.root, { recursive: true, force: true });
    for (const [key, bytes] of dirty.objects) expect(again.objects.get(key)?.equals(bytes), key).toBe(true);
  });

  test('is of every kind, and every kind has its effect', () => {
    expect(dirty.summary.planted.filter(({ source }) => source === 'events').map(({ kind }) => kind)).toEqual(
      Object.keys(effects),
    );
    expect(dirty.summary.planted.filter(({ source }) => source === 'songs')).toHaveLength(14);
    expect(dirty.summary.planted.filter(({ kind, effect }) => effects[kind] !== effect)).toEqual([]);
  });

  test('is in the share of lines and songs asked for', () => {
    const isNear = (share: number) => share > 0.04 && share < 0.06;
    expect(planted('events', () => true) / dirty.summary.events).toSatisfy(isNear);
    expect(planted('songs', () => true) / dirty.summary.songs).toSatisfy(isNear);
  });

  test('does not disturb what happens: all lines that are not damaged are there, in their order', () => {
    const { planted: _, eventBytes: __, out: ___, ...counts } = dirty.summary;
    expect(sound.summary).toMatchObject(counts);
    const before = new Set(lines(sound));
    const kept = new Set(lines(dirty).filter((line) => before.has(line)));
    const added = ['blankLine', 'duplicate', 'duplicateInLaterFile', 'conflictingTime', 'conflictingUser'];
    expect(before.size - kept.size).toBe(
      planted('events', ({ kind }) => kind !== 'byteOrderMark' && !added.includes(kind)),
    );
  });
});

describe('what a strict reader finds', () => {
  const verdicts = () => lines(dirty).map((line) => judged(line, stagingEvents));
  const count = (found: readonly Verdict[], kind: Verdict) => found.filter((each) => each === kind).length;

  test('are as many rejects as were planted in the logs, and as many blank lines', () => {
    expect(count(verdicts(), 'rejected')).toBe(plantedEffect('events', 'rejected'));
    expect(count(verdicts(), 'blank')).toBe(plantedEffect('events', 'blank'));
  });

  test('are as many rejects as were planted among the songs', () => {
    const found = songs(dirty).map((text) => judged(text.replace(/^\xef\xbb\xbf/, ''), stagingSongs));
    expect(count(found, 'rejected')).toBe(plantedEffect('songs', 'rejected'));
    expect(count(found, 'blank')).toBe(0);
  });

  test('are as many duplicates and conflicts as were planted', () => {
    const loaded = lines(dirty).filter((line) => judged(line, stagingEvents) === 'loaded');
    const byKey = groupedBy(
      loaded.map((line) => JSON.parse(line)),
      ({ sessionId, itemInSession }) => `${sessionId}/${itemInSession}`,
    );
    const differ = (events: readonly { ts: number; userId: string }[]) =>
      new Set(events.map(({ ts, userId }) => `${ts}/${userId}`)).size > 1;
    const conflicts = [...byKey.values()].filter(differ);
    expect(conflicts).toHaveLength(plantedEffect('events', 'conflict'));
    expect(loaded.length - byKey.size).toBe(plantedEffect('events', 'duplicate') + conflicts.length);
  });

  test('are duplicates in the file of a later day, too', () => {
    const seen = new Map<string, string>();
    let inLaterFile = 0;
    for (const [key, bytes] of dirty.objects) {
      for (const line of isLog(key) ? bytes.toString('latin1').split('\n') : []) {
        if (line.length > 1 && (seen.get(line) ?? key) !== key) inLaterFile += 1;
        seen.set(line, key);
      }
    }
    expect(inLaterFile).toBe(planted('events', ({ kind }) => kind === 'duplicateInLaterFile'));
  });

  test('are files with a byte order mark and lines with a carriage return', () => {
    const marked = [...dirty.objects].filter(([, bytes]) => bytes.subarray(0, 3).toString('hex') === 'efbbbf');
    expect(marked.filter(([key]) => isLog(key))).toHaveLength(
      planted('events', ({ kind }) => kind === 'byteOrderMark'),
    );
    expect(marked.filter(([key]) => isSong(key))).toHaveLength(
      planted('songs', ({ kind }) => kind === 'byteOrderMark'),
    );
    const returns = lines(dirty).filter((line) => line.endsWith('\r'));
    expect(returns).toHaveLength(planted('events', ({ kind }) => kind === 'carriageReturn'));
  });

  test('are keys beyond those of the model, and optional ones that are missing', () => {
    const keys = lines(dirty)
      .filter((line) => judged(line, stagingEvents) === 'loaded')
      .map((line) => Object.keys(JSON.parse(line)).length);
    expect(keys.filter((length) => length === 19)).toHaveLength(planted('events', ({ kind }) => kind === 'unknownKey'));
    expect(keys.filter((length) => length === 17)).toHaveLength(planted('events', ({ kind }) => kind === 'missingKey'));
  });

  test('is a second file for each song that was delivered twice', () => {
    expect(songs(dirty)).toHaveLength(options.songs + planted('songs', ({ kind }) => kind === 'duplicate'));
  });
});

test('when all is damaged, only what cannot be is sound', async () => {
  const ruined = await bucketOfBytes({ ...options, days: 5, songs: 50, dirty: 1 });
  await rm(ruined.root, { recursive: true, force: true });
  const counts = ruined.summary.planted.map(({ count }) => count);
  const damaged = counts.reduce((sum, count) => sum + count, 0);
  expect(damaged / (ruined.summary.events + ruined.summary.songs)).toBeGreaterThan(0.85);
  expect(damaged).toBeLessThanOrEqual(ruined.summary.events + ruined.summary.songs);
});
