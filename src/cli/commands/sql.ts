import { textFlag, withSettings } from '../options.ts';
import type { Answer, Call, Verb } from '../verb.ts';

export const sql: Verb = {
  name: 'sql',
  summary: 'print the SQL of a full load as a script, without connecting',
  examples: ['sparkify sql --engine duckdb > load.sql'],
  declare: (command) =>
    withSettings(command, ['target', 'warehouse']).option(
      '--engine <name>',
      "the engine to write for (default: the target's)",
    ),
  answer: answerSql,
};

async function answerSql({ effects, flags }: Call): Promise<Answer> {
  const [{ readSettings }, { loadWarehouse }, { engineNamed, engineOf }, { showSql }] = await Promise.all([
    import('../settings.ts'),
    import('../load-warehouse.ts'),
    import('../../engines/index.ts'),
    import('../../pipeline/show-sql.ts'),
  ]);
  const settings = await readSettings(flags, effects);
  const name = textFlag(flags.engine);
  const engine = name === undefined ? engineOf(settings.target) : engineNamed(name);
  const statements = showSql(await loadWarehouse(settings.warehouse, effects.folder), engine);
  return {
    data: { engine: engine.name, statements },
    text: async () => (await import('../render/statements.ts')).renderStatements(statements),
  };
}
