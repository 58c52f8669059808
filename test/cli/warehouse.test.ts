import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadWarehouse } from '../../src/cli/load-warehouse.ts';
import { sparkify as ours } from '../../src/sparkify/warehouse.ts';
import { removeFolder, temporaryFolder } from '../support/targets.ts';
import { sparkify, sparkifyError, sparkifyJson } from './in-process.ts';

describe('--warehouse', () => {
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => removeFolder(folder));

  const module = (text: string) => writeFileSync(join(folder, 'mine.mjs'), text);
  const value =
    "Object.freeze({ name: 'mine', doc: '', staging: [], tables: [], views: [], checks: [], queries: undefined })";

  test("is Sparkify's own unless a module is named", async () => {
    expect(await loadWarehouse(undefined, folder)).toBe(ours);
  });

  test.each([`export const warehouse = ${value};`, `export default ${value};`])('takes %s', async (text) => {
    module(text);
    expect(await loadWarehouse('mine.mjs', folder)).toMatchObject({ name: 'mine' });
  });

  test('comes from the settings file too, relative to the current folder', async () => {
    module(`export const warehouse = ${value};`);
    writeFileSync(join(folder, 'sparkify.config.json'), '{"warehouse":"mine.mjs"}');
    const { data } = await sparkifyJson(['query'], { folder });
    expect(data).toEqual({ queries: [] });
  });

  test.each([
    ['exports none', 'export const bikes = 1;', 'mine.mjs exports no warehouse; it exports bikes.'],
    ['exports what was not defined', 'export const warehouse = { name: "x" };', 'exports no warehouse'],
    ['throws', 'throw new Error("boom");', 'cannot be loaded: boom'],
    ['needs what is not installed', "import 'no-such-package';", 'cannot be loaded: '],
    ['is no JavaScript', 'SELECT 1', 'cannot be loaded: '],
  ])('says so where the module %s', async (_, text, message) => {
    module(text);
    const error = await sparkifyError(['sql', '--warehouse', 'mine.mjs'], { folder });
    expect(error).toMatchObject({ exitCode: 2, code: 'USAGE', hint: expect.stringContaining('defineWarehouse') });
    expect(error.message).toContain(message);
  });

  test('tells what is wrong with the declaration of a module', async () => {
    module(
      "throw Object.assign(new Error('It is wrong.'), { name: 'SparkifyError', code: 'MODEL_INVALID', details: {} });",
    );
    expect(await sparkifyError(['sql', '--warehouse', 'mine.mjs'], { folder })).toMatchObject({
      exitCode: 1,
      code: 'MODEL_INVALID',
      message: 'It is wrong.',
    });
  });

  test('says so where the module is not there', async () => {
    const error = await sparkifyError(['sql', '--warehouse', 'none.mjs'], { folder });
    expect(error).toMatchObject({ exitCode: 2, code: 'USAGE' });
  });
});

test('sql prints a script with one transaction, for the engine that is named', async () => {
  const { code, stdout } = await sparkify(['sql', '--engine', 'duckdb']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^(-- .*\n)+\n-- schema: create schema etl\ncreate schema if not exists etl;\n/);
  expect(stdout.match(/^(begin|commit);$/gm)).toEqual(['begin;', 'commit;']);
  const { data } = await sparkifyJson(['sql']);
  expect(data).toMatchObject({
    engine: 'duckdb',
    statements: expect.arrayContaining([expect.objectContaining({ step: 'verify' })]),
  });
});
