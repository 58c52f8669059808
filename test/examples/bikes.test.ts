import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { removeFolder, temporaryFolder } from '../support/targets.ts';

const repository = resolve(import.meta.dirname, '../..');
const example = join(repository, 'examples/bikes');
const folder = temporaryFolder();
afterAll(() => removeFolder(folder));

const declared = ['--warehouse', join(example, 'warehouse.mjs')];

/** The built command, as an engineer elsewhere would run it: the example imports the package by its name. */
async function printed(...args: readonly string[]): Promise<string> {
  const cli = join(repository, 'dist/cli/main.js');
  return (await promisify(execFile)(process.execPath, [cli, ...args], { cwd: repository })).stdout;
}

async function sparkify(...args: readonly string[]): Promise<Record<string, unknown>> {
  return JSON.parse(await printed(...args, ...declared, '--json'));
}

test('a warehouse of one own is declared in under 120 lines', () => {
  expect(readFileSync(join(example, 'warehouse.mjs'), 'utf8').split('\n').length).toBeLessThan(120);
});

test('it loads, verifies, answers and documents itself with no change in src', async () => {
  const target = ['--target', `duckdb:${join(folder, 'bikes.duckdb')}`];
  const loaded = await sparkify('run', '--from', join(example, 'bucket'), ...target);
  expect(loaded).toMatchObject({
    outcome: 'loaded',
    sources: [{ linesRead: 8, linesLoaded: 7, linesRejected: 1 }, { linesRead: 2 }],
  });
  const verified = await sparkify('verify', '--expected', join(example, 'expected'), ...target);
  expect(verified).toMatchObject({ passed: true, expected: [{ query: 'rides_by_station', matches: true, rows: 3 }] });
  await sparkify('docs', '--out', join(folder, 'docs'));
  const dictionary = readFileSync(join(folder, 'docs/data-dictionary.md'), 'utf8');
  expect(dictionary).toContain('# Data dictionary of bikes');
  expect(dictionary).toContain('`stations.code` found by `trips.from_station`');
});

test('what a run names as next steps can be done', async () => {
  const target = ['--target', `duckdb:${join(folder, 'next.duckdb')}`];
  const report = await printed('run', '--from', join(example, 'bucket'), ...target, ...declared);
  const steps = [...report.matchAll(/^ {2}(?:npx )?sparkify (.+?) {2,}\S/gm)].map(([, words = '']) => words.split(' '));
  expect(steps.map(([verb]) => verb)).toEqual(['rejects', 'query', 'verify', 'status']);
  for (const words of steps) expect(await printed(...words)).not.toBe('');
});
