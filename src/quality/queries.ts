import { readdir, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { didYouMean, messageOf, SparkifyError } from '../errors.ts';
import type { Warehouse } from '../model/warehouse.ts';

const headerSchema = z.object({
  title: z.string().min(1),
  description: z.string().min(1),
  chart: z.enum(['bar', 'line', 'number', 'table']),
});

/** An analytics query: one SELECT that every engine understands. */
export interface AnalyticsQuery extends z.infer<typeof headerSchema> {
  /** The file's name without `.sql`. */
  readonly name: string;
  readonly sql: string;
}

/**
 * The analytics queries of a warehouse, by name.
 * @throws MODEL_INVALID when the folder cannot be read or a header is wrong
 */
export async function readQueries({ queries }: Warehouse): Promise<readonly AnalyticsQuery[]> {
  if (!queries) return [];
  const files = await readdir(queries).catch((cause: unknown) => {
    throw new SparkifyError('MODEL_INVALID', `The folder of the queries cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  });
  const names = files.filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (file) => parseQuery(file.slice(0, -4), await readFile(new URL(file, queries), 'utf8'))),
  );
}

/** @throws USAGE listing the names there are */
export async function queryNamed(warehouse: Warehouse, name: string): Promise<AnalyticsQuery> {
  const queries = await readQueries(warehouse);
  const found = queries.find((query) => query.name === name);
  if (found) return found;
  const names = queries.map((query) => query.name);
  throw new SparkifyError('USAGE', `There is no query '${name}'.`, {
    hint: `${didYouMean(name, names)}Queries are ${names.join(', ')}.`,
  });
}

/** Header lines `-- title: …`, `-- description: …`, `-- chart: …` stand before the SELECT. */
function parseQuery(name: string, text: string): AnalyticsQuery {
  const entries = [...text.matchAll(/^-- (\w+): (.*)$/gm)].map(([, key = '', value = '']) => [key, value.trim()]);
  const header = headerSchema.safeParse(Object.fromEntries(entries));
  if (!header.success) {
    throw new SparkifyError(
      'MODEL_INVALID',
      `The header of query '${name}' is wrong: ${z.prettifyError(header.error)}`,
      {
        hint: 'Begin the file with lines -- title: …, -- description: … and -- chart: bar, line, number or table.',
      },
    );
  }
  return { name, ...header.data, sql: text.replaceAll(/^-- \w+: .*\n/gm, '').trim() };
}
