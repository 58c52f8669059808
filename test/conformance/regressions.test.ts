import { describe, expect, test } from 'vitest';
import { openTarget } from '../../src/engines/index.ts';
import { eventLine, songFile } from '../oracle/build-bucket.ts';
import { testEngines } from '../support/targets.ts';
import { confirmAsFresh, confirmAsOracle } from './history/confirm.ts';
import { live } from './history/live.ts';
import { revisions } from './history/revisions.ts';
import { dayKey, type RunStep, type Step } from './history/step.ts';

/** Histories that went wrong once, or that we know to be hard. */
describe.each(testEngines)('on $engine', (engine) => {
  describe.each([
    ['one batch', 1e9],
    ['a batch an object', 1],
  ])('in %s', (_, batchBytes) => {
    const look: RunStep = { kind: 'run', batchBytes, failAt: 0 };

    test('a new object brings a duplicate that sorts earlier, wins and takes the only event of a user away', async () => {
      const late = { artist: 'B', userId: '2', firstName: 'Ada' };
      const early = { artist: 'A', userId: '1', firstName: 'Nora' };
      const history = [day(1, late), look, day(2, early), look];
      expect(await told(history.slice(0, 2), 'select user_id from users')).toEqual(['2']);
      expect(await told(history, 'select user_id from users')).toEqual(['1']);
      await confirmAsOracle(history, engine);
    });

    test('a late song that is nearer in length takes a play over from another one', async () => {
      const history = [
        day(1, { length: 200.5 }),
        song(1, { duration: 100.5 }),
        look,
        song(2, { duration: 200.25 }),
        look,
      ];
      expect(await told(history.slice(0, 3), 'select song_id from songplays')).toEqual(['SO1']);
      expect(await told(history, 'select song_id from songplays')).toEqual(['SO2']);
      await confirmAsOracle(history, engine);
    });

    test('a song that vanishes no longer hides its correction, which lives in another object', async () => {
      const history = [
        day(1, {}),
        song(1, { song_id: 'SO1', year: 2007, title: 'Paper Boats' }),
        song(2, { song_id: 'SO1', year: 1999, title: 'Corrected' }),
        look,
        remove(songKey(1)),
        look,
      ];
      expect(await told(history.slice(0, 4), 'select title from songs')).toEqual(['Paper Boats']);
      expect(await told(history, 'select title from songs')).toEqual(['Corrected']);
      expect(await told(history, 'select song_id from songplays')).toEqual(['null']);
      await confirmAsOracle(history, engine);
    });

    test('sessions from 32,768 on have keys beyond 2^31', async () => {
      const history = [
        day(1, { sessionId: 32_767, itemInSession: 65_535 }),
        look,
        day(2, { sessionId: 32_768, itemInSession: 0 }),
        look,
      ];
      const keys = 'select songplay_id from songplays order by songplay_id';
      expect(await told(history, keys)).toEqual(['2147483647', '2147483648']);
      await confirmAsOracle(history, engine);
    });
  });

  const look: RunStep = { kind: 'run', batchBytes: 1e9, failAt: 0 };

  test('columns of a model may be called as our statements would like to call their own', async () => {
    const history = [
      day(1, {}),
      song(1, {}),
      song(2, { song_id: 'SO1' }),
      song(3, {}),
      look,
      revise('a place for songs'),
    ];
    await confirmAsFresh([...history, look], engine);
  });

  test.each(['a place for songs', 'no number of songs', 'a wider year'])(
    'a run by a new declaration (%s) that fails anywhere can be taken back by going back to the old one',
    async (name) => {
      const loser = { song_id: 'SO1', year: 1999, artist_latitude: 1.5, artist_longitude: 1.5 };
      const winner = { song_id: 'SO1', year: 2007 };
      for (const failAt of [35, 50, 75, 100]) {
        await confirmAsFresh(
          [
            song(1, loser),
            song(2, winner),
            day(1, {}),
            look,
            revise(name),
            { ...look, failAt },
            revise('as it is'),
            song(3, { song_id: 'SO3', artist_name: 'The Quiet Lanterns and others' }),
            look,
          ],
          engine,
        );
      }
    },
  );

  test('a first run that fails anywhere leaves nothing in the way of another declaration', async () => {
    for (const failAt of [5, 12, 20, 28, 35, 50, 80]) {
      const history = [day(1, {}), song(1, {}), { ...look, failAt }, revise('a place for songs'), look];
      await confirmAsFresh([...history, revise('a wider year'), look], engine);
    }
  });

  test('values that do not fit a narrower type are there again after a run that failed was taken back', async () => {
    for (const failAt of [35, 50, 75, 100]) {
      const narrow = [revise('as it is'), { ...look, failAt }];
      const history = [
        revise('a wider status'),
        day(1, { status: 40_000 }),
        look,
        ...narrow,
        revise('a wider status'),
        look,
      ];
      await confirmAsFresh(history, engine);
    }
  });

  /** What a query gives after a history, row by row. */
  async function told(history: readonly Step[], sql: string): Promise<string[]> {
    const { target, remove } = await live(history, engine);
    try {
      const session = await openTarget(target, { mode: 'read' });
      try {
        return (await session.query(sql)).rows.map((row) => row.join('\t') || 'null');
      } finally {
        await session.close();
      }
    } finally {
      remove();
    }
  }
});

const songKey = (number: number): string => `song_data/A/B/C/TR${number}.json`;

const day = (number: number, fields: Readonly<Record<string, unknown>>): Step => ({
  kind: 'put',
  key: dayKey(number),
  lines: [eventLine(fields)],
});

const song = (number: number, fields: Readonly<Record<string, unknown>>): Step => ({
  kind: 'put',
  key: songKey(number),
  lines: [String(songFile({ song_id: `SO${number}`, ...fields }).content)],
});

const remove = (key: string): Step => ({ kind: 'remove', key });

function revise(name: string): Step {
  const revision = revisions.findIndex((one) => one.name.startsWith(name));
  if (revision < 0) throw new RangeError(`there is no revision '${name}'`);
  return { kind: 'revise', revision };
}
