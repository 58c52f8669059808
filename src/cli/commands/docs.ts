import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf, SparkifyError } from '../../errors.ts';
import { textFlag, withSettings } from '../options.ts';
import type { Answer, Call, Verb } from '../verb.ts';

export const docs: Verb = {
  name: 'docs',
  summary: 'write the data dictionary with diagram and column lineage',
  examples: ['sparkify docs --out docs', 'sparkify docs --warehouse warehouse.mjs --out docs --json'],
  declare: (command) =>
    withSettings(command, ['warehouse']).option(
      '--out <folder>',
      'where to write; files of the same name are replaced',
      'docs',
    ),
  answer: answerDocs,
};

async function answerDocs({ effects, flags }: Call): Promise<Answer> {
  const [{ readSettings }, { loadWarehouse }, { documentsOf }, { lineageOf }] = await Promise.all([
    import('../settings.ts'),
    import('../load-warehouse.ts'),
    import('../../dictionary/index.ts'),
    import('../../dictionary/lineage.ts'),
  ]);
  const settings = await readSettings(flags, effects);
  const warehouse = await loadWarehouse(settings.warehouse, effects.folder);
  const folder = resolve(effects.folder, textFlag(flags.out) ?? 'docs');
  const documents = documentsOf(warehouse);
  await writeAll(folder, documents);
  const files = Object.keys(documents).map((name) => join(folder, name));
  return {
    data: { files, lineage: lineageOf(warehouse) },
    text: () => files.map((file) => `✔ ${file}`).join('\n'),
  };
}

async function writeAll(folder: string, documents: Readonly<Record<string, string>>): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, text] of Object.entries(documents)) await writeFile(join(folder, name), text);
  } catch (cause) {
    throw new SparkifyError('USAGE', `The documents cannot be written to ${folder}: ${messageOf(cause)}`, {
      hint: 'Name a folder that can be written with --out.',
      cause,
    });
  }
}
