import { SparkifyError } from '../../errors.ts';
import type { ObjectsToCopy } from '../engine.ts';

/**
 * The JSONPaths file of COPY: element i fills column i of its list. In brackets throughout, as notations must not be
 * mixed (facts 1.2), and under the one key without which COPY would load by 'auto' and say nothing.
 * @throws JSONPATHS_INVALID for keys with a quote or a backslash, whose notation is not documented
 */
export function jsonPathsFile({ staging, paths }: Pick<ObjectsToCopy, 'staging' | 'paths'>): string {
  const columns = Object.keys(paths);
  const wrong = columns.filter((column) => paths[column]?.some((key) => /['\\]/.test(key)));
  if (wrong.length > 0) {
    throw new SparkifyError(
      'JSONPATHS_INVALID',
      `COPY cannot be told the keys that fill ${wrong.join(', ')} of ${staging.name}: they hold a quote or a backslash.`,
      {
        hint: 'Leave copy=direct out of the target: landing takes such keys.',
        details: { table: staging.name, columns: wrong },
      },
    );
  }
  return JSON.stringify({ jsonpaths: columns.map((column) => `$${paths[column]?.map(inBrackets).join('')}`) });
}

const inBrackets = (key: string): string => `['${key}']`;
