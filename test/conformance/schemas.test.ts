import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTarget } from '../../src/engines/index.ts';
import { doctor } from '../../src/pipeline/doctor.ts';
import { run } from '../../src/pipeline/run.ts';
import { showPlan } from '../../src/pipeline/show-plan.ts';
import { verify } from '../../src/pipeline/verify.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { identifier } from '../../src/sql/quote.ts';
import { eventLine, logOf, songFile } from '../oracle/build-bucket.ts';
import { oracle } from '../oracle/oracle.ts';
import { writeBucket } from '../support/bucket.ts';
import { createDatabase } from '../support/postgres-databases.ts';
import { readStar, sorted, tablesOf } from '../support/read-star.ts';
import { removeFolder, temporaryFolder, testEngines } from '../support/targets.ts';

const first = [logOf(eventLine()), songFile()];
const later = [{ key: 'log_data/2018/11/2018-11-16-events.json', content: eventLine({ sessionId: 8, level: 'paid' }) }];

/** A file has one schema in which it is looked without naming one. */
const servers = testEngines.filter(({ engine }) => engine !== 'duckdb');

describe.each(servers)('in a database of $engine with several schemas', ({ create }) => {
  let root: string;
  let target: string;
  let remove: () => void;
  beforeEach(() => {
    root = temporaryFolder();
    writeBucket(root, first);
    ({ target, remove } = create());
  });
  afterEach(() => {
    removeFolder(root);
    remove();
  });

  const runIt = () => run({ warehouse: sparkify, root, target, toolVersion: 'test' });
  const star = async () => sorted(await readStar(target));

  /** The schema of the user's name: from then on its sessions look there first. */
  async function ownSchema(what: 'create' | 'drop') {
    const session = await openTarget(target, { mode: 'write' });
    const [user = ''] = (await session.all('select current_user')).rows[0] ?? [];
    await session.run(`${what} schema ${identifier(String(user))}`);
    await session.close();
    return String(user);
  }

  test('a second star beside the first is refused, to doctor as well, and who finds the first one reads it', async () => {
    await runIt();
    const own = await ownSchema('create');
    writeBucket(root, later);
    const told = {
      code: 'TARGET_ELSEWHERE',
      message: expect.stringContaining(`in the schema public; this user and target look in ${own}.`),
      hint: expect.stringMatching(/another database in --target.* set search_path to public$/),
    };
    await expect(runIt()).rejects.toMatchObject(told);
    const findings = await doctor({ warehouse: sparkify, root, target });
    expect(findings.find(({ name }) => name === 'target')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^TARGET_ELSEWHERE .*schema public/),
    });
    expect(await star()).toEqual(sorted(tablesOf(oracle(first))));
    await ownSchema('drop');
    expect((await doctor({ warehouse: sparkify, root, target })).filter(({ ok }) => !ok)).toEqual([]);
    expect(await runIt()).toMatchObject({ outcome: 'loaded' });
    expect(await star()).toEqual(sorted(tablesOf(oracle([...first, ...later]))));
  });

  test('a table of the same name in a schema that is looked in later is not taken for that of the star', async () => {
    const own = await ownSchema('create');
    await runIt();
    const session = await openTarget(target, { mode: 'write' });
    await session.run('create table public.songs (title integer)');
    await session.run(`drop table ${identifier(own)}.songplays cascade`);
    await session.run('create table public.songplays (id integer)');
    await session.close();
    writeBucket(root, later);
    expect(await runIt()).toMatchObject({ outcome: 'loaded' });
    expect(await star()).toEqual(sorted(tablesOf(oracle([...first, ...later]))));
    expect(await verify(sparkify, target)).toMatchObject({ passed: true });
  });

  test('the star may be in any one of them', async () => {
    const own = await ownSchema('create');
    await runIt();
    writeBucket(root, later);
    expect(await runIt()).toMatchObject({ outcome: 'loaded', rebuilt: [] });
    expect(await verify(sparkify, target)).toMatchObject({ passed: true });
    const session = await openTarget(target, { mode: 'read' });
    const found = await session.all(
      "select table_schema from information_schema.tables where table_name in ('songplays', 'plays')",
    );
    await session.close();
    expect(found.rows).toEqual([[own], [own]]);
    expect(await star()).toEqual(sorted(tablesOf(oracle([...first, ...later]))));
  });
});

test('a target of postgres whose search path leaves the star out is refused to readers too, and to plan', async () => {
  const { url, drop } = createDatabase();
  const root = temporaryFolder();
  writeBucket(root, first);
  await run({ warehouse: sparkify, root, target: url, toolVersion: 'test' });
  const session = await openTarget(url, { mode: 'write' });
  await session.run('create schema "two ""words, b\\c"');
  await session.close();
  // Of what `options` says the server takes blanks as ends, and backslashes away.
  const pathOf = (...schemas: readonly string[]) => {
    const path = schemas.join(',').replaceAll(/[\\ ]/g, '\\$&');
    return `${url}?options=${encodeURIComponent(`-c search_path=${path}`)}`;
  };
  const odd = '"two ""words, b\\c"';
  const refused = {
    code: 'TARGET_ELSEWHERE',
    message: expect.stringContaining('schema public; this user and target look in two "words, b\\c.'),
  };
  await expect(verify(sparkify, pathOf(odd))).rejects.toMatchObject(refused);
  await expect(showPlan({ warehouse: sparkify, root, target: pathOf(odd) })).rejects.toMatchObject(refused);
  expect(await verify(sparkify, pathOf(odd, 'public'))).toMatchObject({ passed: true });
  removeFolder(root);
  drop();
});
