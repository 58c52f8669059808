import { Option } from 'commander';
import type { QueryResult } from '../../engines/engine.ts';
import { SparkifyError } from '../../errors.ts';
import type { Warehouse } from '../../model/warehouse.ts';
import type { AnalyticsQuery } from '../../quality/queries.ts';
import type { Output } from '../effects.ts';
import { lookOf, textFlag, withSettings } from '../options.ts';
import type { Answer, Call, Verb } from '../verb.ts';

const formats = ['table', 'csv', 'json', 'chart'] as const;
type Format = (typeof formats)[number];

/** What to run: an analytics query, or SQL that a person wrote. */
type Question = Pick<AnalyticsQuery, 'sql'> & Partial<AnalyticsQuery>;

export const query: Verb = {
  name: 'query',
  summary: 'run an analytics query or read-only SQL; without a name, list the queries',
  examples: [
    'sparkify query top_songs --format chart',
    'sparkify query --sql "select level, count(*) from plays group by level"',
  ],
  declare: (command) =>
    withSettings(command.argument('[name]', 'the query; left out, all are listed'), ['target', 'warehouse'])
      .option('--sql <text>', 'one SELECT instead of a named query')
      .addOption(
        new Option('--format <format>', 'how to print it (default: table on a terminal, csv in a pipe)')
          .choices(formats)
          .conflicts('json'),
      ),
  answer: answerQuery,
};

async function answerQuery({ effects, flags, args: [name], json }: Call): Promise<Answer> {
  const [{ readSettings }, { loadWarehouse }] = await Promise.all([
    import('../settings.ts'),
    import('../load-warehouse.ts'),
  ]);
  const settings = await readSettings(flags, effects);
  const warehouse = await loadWarehouse(settings.warehouse, effects.folder);
  const question = await questionOf(warehouse, name, textFlag(flags.sql));
  if (!question) return listQueries(warehouse, effects.output);
  const { reading } = await import('../../pipeline/verify.ts');
  const result = await reading(settings.target, (session) => session.query(question.sql));
  if (result.columns.length === 0) throw noResult();
  const format = json
    ? 'json'
    : ((flags.format as Format | undefined) ?? (effects.output.isTerminal ? 'table' : 'csv'));
  const { recordsOf } = await import('../render/query-result.ts');
  const data = { query: question.name, title: question.title, columns: result.columns, rows: recordsOf(result) };
  return { data, text: () => render(question, result, data, format, effects.output) };
}

async function questionOf(
  warehouse: Warehouse,
  name: string | undefined,
  sql: string | undefined,
): Promise<Question | undefined> {
  if (name !== undefined && sql !== undefined) {
    throw new SparkifyError('USAGE', 'A name and --sql are two queries.', { hint: 'Give one of them.' });
  }
  if (sql !== undefined && sql.trim() === '')
    throw new SparkifyError('USAGE', 'The SQL is empty.', { hint: 'Give one SELECT.' });
  if (sql !== undefined) return { sql };
  return name === undefined ? undefined : (await import('../../quality/queries.ts')).queryNamed(warehouse, name);
}

/** A mere comment, say: the engine lets it pass. */
function noResult(): SparkifyError {
  return new SparkifyError('QUERY_FAILED', 'The statement gives no result.', { hint: 'Give one SELECT.' });
}

async function listQueries(warehouse: Warehouse, output: Output): Promise<Answer> {
  const { readQueries } = await import('../../quality/queries.ts');
  const queries = await readQueries(warehouse);
  return {
    data: { queries },
    text: async () => {
      const { renderTable } = await import('../render/table.ts');
      const rows = queries.map(({ name, title, description }) => [name, title, description]);
      return renderTable([{ head: 'query' }, { head: 'title' }, { head: 'what it answers' }], rows, lookOf(output));
    },
  };
}

async function render(
  { title, chart }: Question,
  result: QueryResult,
  data: object,
  format: Format,
  output: Output,
): Promise<string> {
  const look = lookOf(output);
  if (format === 'json') return (await import('../render/json.ts')).renderJson(data);
  const { renderCsv, renderQueryTable } = await import('../render/query-result.ts');
  if (format === 'csv') return renderCsv(result);
  const heading = title === undefined ? '' : `${look.paint.bold(title)}\n\n`;
  const bars =
    format === 'chart' && chart !== 'table' && chart !== 'number'
      ? (await import('../render/chart.ts')).renderChart(result, look)
      : undefined;
  return heading + (bars ?? renderQueryTable(result, look));
}
