import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const repository = resolve(import.meta.dirname, '..');
const cruiser = join(repository, 'node_modules/.bin/depcruise');

let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'sparkify-architecture-'));
  for (const name of ['src', 'tsconfig.json', '.dependency-cruiser.cjs', 'package.json']) {
    cpSync(join(repository, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'));
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe('the dependency rules', () => {
  test('hold in src', () => {
    expect(execFileSync(cruiser, ['src'], { cwd: copy, encoding: 'utf8' })).toContain('no dependency violations found');
  });

  test.each([
    [
      'an import down the folder list',
      'model/planted.ts',
      "import { run } from '../pipeline/run.ts';\nexport const x = run;\n",
      'only-up-from-model',
    ],
    [
      'a stage that knows Sparkify',
      'quality/planted.ts',
      "import { sparkify } from '../sparkify/warehouse.ts';\nexport const x = sparkify;\n",
      'sparkify-is-known-to-few',
    ],
    [
      'an engine reached past the entrance',
      'pipeline/planted.ts',
      "import { duckdb } from '../engines/duckdb/index.ts';\nexport const x = duckdb;\n",
      'engines-are-opened-in-one-place',
    ],
    ['a circle', 'sql/planted.ts', "import { y } from './planted-too.ts';\nexport const x = y;\n", 'no-circular'],
  ])('%s is reported', (_, file, text, rule) => {
    const planted = join(copy, 'src', file);
    const partner = join(copy, 'src/sql/planted-too.ts');
    writeFileSync(planted, text);
    if (rule === 'no-circular')
      writeFileSync(partner, "import { x } from './planted.ts';\nexport const y = () => x;\n");
    const { status, stdout } = spawnSync(cruiser, ['src'], { cwd: copy, encoding: 'utf8' });
    rmSync(planted);
    rmSync(partner, { force: true });
    expect(stdout).toContain(rule);
    expect(status).toBeGreaterThan(0);
  });
});
