import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, test } from 'vitest';

const repository = resolve(import.meta.dirname, '../..');

/** What is changed in a file of src/sparkify, and what the compiler is to say of it. */
const misspelt = {
  'a source column': ['songplays.ts', 'event.location', 'event.locaton', "Did you mean 'location'?"],
  'a column of a lookup': ['songplays.ts', 'on: { title:', 'on: { titel:', "Did you mean to write 'title'?"],
  'a column taken from a lookup': [
    'songplays.ts',
    'catalogued.song_id',
    'catalogued.song_di',
    "Did you mean 'song_id'?",
  ],
  'what a lookup is near to': ['songplays.ts', 'nearest: { duration:', 'nearest: { title:', "'title' does not exist"],
  'a distribution key': ['songplays.ts', "key: 'start_time' }", "key: 'start_tme' }", 'Did you mean \'"start_time"\'?'],
  'a sort key': ['songplays.ts', "sortKey: ['start_time']", "sortKey: ['start_tme']", '"start_tme"'],
  'a natural key': ['staging.ts', "key: ['session_id', 'item_", "key: ['session_id', 'itm_", '"itm_in_session"'],
  'a required column': ['staging.ts', "columns: ['user_id', 'song'", "columns: ['user_di', 'song'", '"user_di"'],
  'a value of another type': [
    'songplays.ts',
    "equal(event.page, 'NextSong')",
    'equal(event.page, 7)',
    "'number' is not",
  ],
  'an expression of another type': [
    'songplays.ts',
    'fromEpochMillis(event.ts)',
    'fromEpochMillis(event.song)',
    '"text"',
  ],
  'a column of a view': ['warehouse.ts', 'rename: { level:', 'rename: { levl:', "Did you mean to write 'level'?"],
  'what a view joins on': [
    'warehouse.ts',
    "joined(time, { on: 'start_time'",
    "joined(time, { on: 'start_tme'",
    '"start_time"',
  ],
} as const;

const names = Object.keys(misspelt) as (keyof typeof misspelt)[];
let complaints: ReadonlyMap<string, readonly string[]>;

// One program for all variants: each lies in a folder of its own inside the repository, so that packages resolve.
beforeAll(() => {
  const folder = mkdtempSync(join(repository, 'test/.misspelt-'));
  try {
    const unchanged = ['unchanged', writeVariant(folder, 'unchanged', 'songplays.ts', '', '')] as const;
    const variants = names.map((name, index) => {
      const [file, find, replace] = misspelt[name];
      return [name, writeVariant(folder, String(index), file, find, replace)] as const;
    });
    complaints = compile(new Map([unchanged, ...variants]));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function writeVariant(folder: string, variant: string, file: string, find: string, replace: string): string {
  const text = readFileSync(join(repository, 'src/sparkify', file), 'utf8');
  expect(text).toContain(find);
  const path = join(folder, variant, file);
  mkdirSync(join(folder, variant));
  const moved = text
    .replace(find, replace)
    .replaceAll("from '../", "from '../../../src/")
    .replaceAll("from './", "from '../../../src/sparkify/");
  writeFileSync(path, moved);
  return path;
}

function compile(paths: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> {
  const { config } = ts.readConfigFile(join(repository, 'tsconfig.json'), ts.sys.readFile);
  const files = [...paths.values()];
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files }, ts.sys, repository);
  const program = ts.createProgram(files, options);
  const messages = (path: string) =>
    program
      .getSemanticDiagnostics(program.getSourceFile(path))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  return new Map([...paths].map(([name, path]) => [name, messages(path)]));
}

describe('a misspelt name in a declaration does not compile, and the message says what is meant', () => {
  test('nothing is wrong with the declaration as it is', () => {
    expect(complaints.get('unchanged')).toEqual([]);
  });

  test.each(names)('%s', (name) => {
    const found = complaints.get(name) ?? [];
    expect(found.join('\n')).toContain(misspelt[name][3]);
    const longestLine = Math.max(...found.flatMap((message) => message.split('\n')).map(({ length }) => length));
    expect(longestLine).toBeLessThan(600);
  });
});
