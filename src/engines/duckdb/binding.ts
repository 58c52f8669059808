import { createRequire } from 'node:module';
import { TextDecoder } from 'node:util';

const load = createRequire(import.meta.url);

/**
 * The values of DuckDB's package; its types are imported as ever. It is CommonJS in 70 files, which an `import` searches
 * for the names they export before it runs them: twice the time, a twentieth of a small run.
 */
export const { DuckDBBlobValue, DuckDBInstance, DuckDBTimestampValue, DuckDBTypeId, version } = load(
  '@duckdb/node-api',
) as typeof import('@duckdb/node-api');

// Its decoder takes U+FEFF at the beginning of any text for a byte order mark, and leaves it out (1.5.6).
const accessors = load('@duckdb/node-api/lib/vectors/dataAccessors.js') as { textDecoder: TextDecoder };
accessors.textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
