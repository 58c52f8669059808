import { resolve } from 'node:path';
import { lookOf, textFlag, withSettings } from '../options.ts';
import type { Answer, Call, Verb } from '../verb.ts';

export const verify: Verb = {
  name: 'verify',
  summary: 'run every check, and compare the queries with their expected results',
  examples: ['sparkify verify --expected ./expected'],
  declare: (command) =>
    withSettings(command, ['target', 'warehouse']).option(
      '--expected <dir>',
      'a folder of NAME.csv, one for each query to compare',
    ),
  answer: answerVerify,
};

async function answerVerify({ effects, flags }: Call): Promise<Answer> {
  const [{ readSettings }, { loadWarehouse }, pipeline] = await Promise.all([
    import('../settings.ts'),
    import('../load-warehouse.ts'),
    import('../../pipeline/verify.ts'),
  ]);
  const settings = await readSettings(flags, effects);
  const warehouse = await loadWarehouse(settings.warehouse, effects.folder);
  const expected = textFlag(flags.expected);
  const report = await pipeline.verify(warehouse, settings.target, expected && resolve(effects.folder, expected));
  return {
    data: report,
    text: async () => (await import('../render/verify-report.ts')).renderVerifyReport(report, lookOf(effects.output)),
    passed: report.passed,
  };
}
