import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { sparkify, sparkifyError } from './in-process.ts';

const source = fileURLToPath(new URL('../../src/', import.meta.url));
const verbs = readdirSync(join(source, 'cli/commands')).map((file) => file.replace(/\.ts$/, ''));

describe('the command line', () => {
  test('tells the version of package.json', async () => {
    const { version } = JSON.parse(readFileSync(join(source, '../package.json'), 'utf8')) as { version: string };
    expect(await sparkify(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('lists every verb in its help', async () => {
    const { code, stdout } = await sparkify(['--help']);
    expect(code).toBe(0);
    for (const verb of verbs) expect(stdout).toMatch(new RegExp(`^  ${verb} `, 'm'));
  });

  test.each(verbs)('explains %s with an example and --json', async (verb) => {
    const { code, stdout } = await sparkify([verb, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Example:\n  $ sparkify ${verb}`);
    expect(stdout).toContain('--json');
  });

  test('is wrong usage without a verb, and shows its help on stderr', async () => {
    const { code, stdout, stderr } = await sparkify([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: sparkify');
  });

  test('suggests the verb that was meant', async () => {
    const { code, stdout, stderr } = await sparkify(['verfy']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe("✖ USAGE Unknown command 'verfy'.\n  → Did you mean verify?\n");
  });

  test('tells wrong usage as JSON where that was asked for', async () => {
    const error = await sparkifyError(['run', '--tagret', 'x']);
    expect(error).toMatchObject({ exitCode: 2, code: 'USAGE', hint: 'Did you mean --target?' });
  });

  test.each([
    [['run', 'too', 'much']],
    [['query', '--format', 'xml']],
    [['query', '--json', '--format', 'csv']],
    [['generate']],
    [['generate', '--out', 'x', '--users', 'many']],
    [['rejects', '--limit', '-1']],
    [['query', 'top_songs', '--sql', 'select 1']],
    [['query', '--sql', ' ']],
    [['sql', '--engine', 'oracle']],
  ])('refuses %j as wrong usage', async (argv) => {
    const { code, stdout, stderr } = await sparkify(argv);
    if (!argv.includes('--json')) expect(stderr).toMatch(/^✖ USAGE .+\n {2}→ .+\n$/);
    else expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'USAGE' } });
    expect(code).toBe(2);
  });

  test('reads what only a verb needs when that verb is used, so that --version is quick', () => {
    expect([...packagesOf(join(source, 'cli/main.ts'))].sort()).toEqual(['commander']);
  });
});

/** Packages that are loaded with a module: static imports of values, followed through our own files. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>();
  if (seen.has(file)) return packages;
  seen.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export)\s(?!type\s)(?:[^;]*?\sfrom\s)?'([^']+)'/gms);
  for (const [, name = ''] of imports) {
    if (name.startsWith('.')) for (const found of packagesOf(join(dirname(file), name), seen)) packages.add(found);
    else if (!name.startsWith('node:')) packages.add(name);
  }
  return packages;
}
