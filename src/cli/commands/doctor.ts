import { lookOf, withSettings } from '../options.ts';
import type { Answer, Call, Verb } from '../verb.ts';

export const doctor: Verb = {
  name: 'doctor',
  summary: 'check root, permissions, target and machine, and say what to fix',
  examples: ['sparkify doctor --from s3://sparkify-dend --target duckdb:sparkify.duckdb'],
  declare: (command) => withSettings(command, ['from', 'target', 'warehouse']),
  answer: answerDoctor,
};

async function answerDoctor({ effects, flags }: Call): Promise<Answer> {
  const [{ readSettings }, { loadWarehouse }, pipeline] = await Promise.all([
    import('../settings.ts'),
    import('../load-warehouse.ts'),
    import('../../pipeline/doctor.ts'),
  ]);
  const { from, target, warehouse } = await readSettings(flags, effects);
  const findings = await pipeline.doctor({
    warehouse: await loadWarehouse(warehouse, effects.folder),
    root: from,
    target,
  });
  return {
    data: { findings },
    text: async () => (await import('../render/findings.ts')).renderFindings(findings, lookOf(effects.output).paint),
    passed: findings.every(({ ok }) => ok),
  };
}
