import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Value } from '../../src/engines/engine.ts';
import { testEngines } from '../support/targets.ts';
import { badEvents } from './bad-events.ts';
import { badSongs } from './bad-songs.ts';
import { type BadLines, namesIn } from './corpus.ts';
import { folderPlace, openScene, type Scene } from './scene.ts';

/** Good lines put behind the bad ones make an object large: it is then parsed as a file, not as text. */
const goodBehind = { small: 0, large: 45 };
const wordsOfALine = 'x'.repeat(1_900);

test('every file of the corpus is in the manifest', () => {
  const named = (cases: readonly BadLines[]) => cases.map(({ name }) => name);
  expect(named(badEvents)).toEqual(expect.arrayContaining([...namesIn('events')]));
  expect(named(badSongs)).toEqual(expect.arrayContaining([...namesIn('songs')]));
});

describe.each(testEngines)('on $engine', (engine) => {
  describe.each(['small', 'large'] as const)('in %s objects', (size) => {
    let scene: Scene;
    let rejects: readonly (readonly Value[])[];
    let objects: readonly (readonly Value[])[];
    const keyOf = (folder: string, { name }: BadLines) => `${folder}/${name}.json`;

    beforeAll(async () => {
      scene = await openScene(folderPlace(), engine);
      await scene.place.put(
        ...badEvents.map((bad, index) => ({
          key: keyOf('log_data', bad),
          content: followed(bad.content, index, goodBehind[size]),
        })),
        ...badSongs.map((bad) => ({ key: keyOf('song_data', bad), content: bad.content })),
      );
      await scene.run();
      rejects = await scene.ask('select uri, line, column_name, reason, state from etl.rejects order by uri, line');
      objects = await scene.ask('select uri, lines_read, lines_loaded, lines_rejected, lines_blank from etl.objects');
    });
    afterAll(() => scene.remove());

    const becameOf = (folder: string, bad: BadLines, more: number) => {
      const uri = `${scene.place.root}/${keyOf(folder, bad)}`;
      expect(rejects.filter(([of]) => of === uri).map(([, ...reject]) => reject)).toEqual(
        bad.rejects.map(([line, column, reason]) => [BigInt(line), column, reason, 'kept']),
      );
      const { read, blank, rejects: rejected } = bad;
      const counts = [read + more, read + more - rejected.length - blank, rejected.length, blank];
      expect(objects.find(([of]) => of === uri)).toEqual([uri, ...counts.map(BigInt)]);
    };

    test.each(badEvents)('$sentence', (bad) => {
      becameOf('log_data', bad, goodBehind[size]);
    });

    test.each(size === 'small' ? badSongs : [])('$sentence', (bad) => {
      becameOf('song_data', bad, 0);
    });

    test('what stands in staging is what the lines say', async () => {
      const staged = (name: string, column: string) =>
        scene.ask(
          `select ${column} from staging_events join etl.objects using (object_id) where uri like '%/${name}.json' and session_id not between 10000 and 19999 order by item_in_session`,
        );
      expect(await staged('duplicate-keys', 'level')).toEqual([['free'], ['free']]);
      expect(await staged('lone-surrogates', 'artist')).toEqual([['𝄞']]);
      expect(await staged('integers-written-otherwise', 'status')).toEqual([[null], [-5n]]);
      expect(await staged('text-too-long-in-bytes', 'gender')).toEqual([['éééééééé'], ['éééééééé']]);
      expect(await staged('sessions', 'session_id')).toEqual([[32_768n], [140_737_488_355_327n]]);
    });

    test('the next run finds nothing new, and one over mended objects has no reject left', async () => {
      expect(await scene.run()).toMatchObject({ outcome: 'nothing new' });
      const mended = (key: string, content: string) => ({ key, content });
      await scene.place.put(
        ...badEvents.map((bad) => mended(keyOf('log_data', bad), '')),
        ...badSongs.map((bad) => mended(keyOf('song_data', bad), '')),
      );
      expect(await scene.run({ fullRefresh: true, allowShrink: true })).toMatchObject({ outcome: 'loaded' });
      expect(await scene.ask('select count(*) from etl.rejects')).toEqual([[0n]]);
      expect(await scene.ask('select count(*) from staging_events')).toEqual([[2n]]);
    });
  });
});

function followed(content: Buffer, index: number, lines: number): Buffer {
  const good = Array.from({ length: lines }, (_, item) =>
    JSON.stringify({
      ts: 1,
      sessionId: 10_000 + index,
      itemInSession: item,
      page: 'Home',
      level: 'free',
      userAgent: wordsOfALine,
    }),
  );
  if (lines === 0) return content;
  const between = content.length === 0 || content.at(-1) === 0x0a ? '' : '\n';
  return Buffer.concat([content, Buffer.from(`${between}${good.join('\n')}\n`)]);
}
