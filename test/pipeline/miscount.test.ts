import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../src/pipeline/run.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { eventLine, songFile } from '../oracle/build-bucket.ts';
import { oracle } from '../oracle/oracle.ts';
import type { BucketObject } from '../oracle/read-objects.ts';
import { writeBucket } from '../support/bucket.ts';
import { readStar, sorted, tablesOf } from '../support/read-star.ts';
import { type Sabotage, sabotaged } from '../support/sabotage.ts';
import { removeFolder, temporaryFolder, testEngines } from '../support/targets.ts';

const line = (session: number, fields: object = {}) => `${eventLine({ sessionId: session, ...fields })}\n`;
const day = (number: number, content: string): BucketObject => ({
  key: `log_data/2018/11/2018-11-0${number}-events.json`,
  content,
});

const old = [day(1, `${line(1)}${line(2)}{broken\n`), day(2, line(3) + line(4)), songFile()];
const [grown, replaced] = [
  day(1, `${old[0]?.content}${line(7)}{worse\n`),
  day(2, line(3, { level: 'paid' }) + line(9)),
];
const added = [day(5, `${line(5)}${line(6)}{broken\n`), songFile({ song_id: 'SO2' })];

/** A stage that miscounts, the check that must notice it, and what it does. */
type Case = readonly [what: string, check: string, sabotage: Sabotage];

const anyLoad: readonly Case[] = [
  [
    'an event that is lost on the way to staging',
    'staging_events_balance',
    { after: /add rows to objects/, run: ['delete from staging_events where session_id = 5'] },
  ],
  [
    'an event that is staged twice',
    'staging_events_balance',
    {
      after: /add rows to objects/,
      run: ['insert into staging_events select * from staging_events where session_id = 5'],
    },
  ],
  [
    'a song that is lost',
    'staging_songs_balance',
    { after: /add rows to objects/, run: ["delete from staging_songs where song_id = 'SO2'"] },
  ],
  [
    'a reject that is lost',
    'staging_events_balance',
    { after: /add rows to objects/, run: ["delete from etl.rejects where uri like '%-05-events.json'"] },
  ],
  [
    'a line that nobody counted',
    'staging_events_balance',
    {
      after: /add rows to objects/,
      run: ["update etl.objects set lines_read = lines_read + 1 where uri like '%-05-events.json'"],
    },
  ],
  [
    'a play that is lost on the way to the star',
    'songplays_balance',
    { after: / songplays: insert the rows| fill songplays/, run: ['delete from songplays where session_id = 5'] },
  ],
];

const ofChanges: readonly Case[] = [
  [
    'a play that does not go',
    'songplays_balance',
    {
      after: / songplays: delete them/,
      run: ['insert into songplays select * from songplays$gone where session_id = 4'],
    },
  ],
  [
    'a line of a replaced object that stays',
    'staging_events_balance',
    {
      after: / staging_events: take the lines away that go/,
      run: ['insert into staging_events select * from staging_events$candidates where session_id = 4'],
    },
  ],
  [
    'an old line of a file that grew, lost as the new ones become part of it',
    'staging_events_balance',
    { after: /make the part one with its object/, run: ['delete from staging_events where session_id = 1'] },
  ],
  [
    'an old reject of a file that grew',
    'staging_events_balance',
    {
      after: /make the part one with its object/,
      run: ["delete from etl.rejects where uri like '%-01-events.json' and line = 3"],
    },
  ],
];

describe.each(testEngines)('a stage that miscounts on $engine', ({ create }) => {
  let root: string;
  let target: string;
  let remove: () => void;
  beforeEach(() => {
    root = temporaryFolder();
    ({ target, remove } = create());
  });
  afterEach(() => {
    removeFolder(root);
    remove();
  });

  const runIt = (open?: ReturnType<typeof sabotaged>['open']) =>
    run({ warehouse: sparkify, root, target, toolVersion: 'test' }, open ? { open } : {});

  async function confirmRefused(check: string, sabotage: Sabotage, before: readonly BucketObject[]): Promise<void> {
    const { open, times } = sabotaged(sabotage);
    await expect(runIt(open)).rejects.toMatchObject({ code: 'BALANCE', message: expect.stringContaining(check) });
    expect(times()).toBe(1);
    expect(sorted(await readStar(target))).toEqual(sorted(tablesOf(oracle(before))));
  }

  test.each(anyLoad)('in a first load fails it: %s', async (_, check, sabotage) => {
    writeBucket(root, [...old, ...added]);
    await confirmRefused(check, sabotage, []);
    await runIt();
    expect(sorted(await readStar(target))).toEqual(sorted(tablesOf(oracle([...old, ...added]))));
  });

  test.each([...anyLoad, ...ofChanges])('in a run over a warehouse fails it: %s', async (_, check, sabotage) => {
    writeBucket(root, old);
    await runIt();
    writeBucket(root, [grown, replaced, ...added]);
    await confirmRefused(check, sabotage, old);
    await runIt();
    expect(sorted(await readStar(target))).toEqual(
      sorted(tablesOf(oracle([...old.slice(2), grown, replaced, ...added]))),
    );
  });
});
