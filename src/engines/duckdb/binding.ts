import { createRequire } from 'node:module';

/**
 * The values of DuckDB's package; its types are imported as ever. It is CommonJS in 70 files, which an `import` searches
 * for the names they export before it runs them: twice the time, a twentieth of a small run.
 */
export const { DuckDBBlobValue, DuckDBInstance, DuckDBTimestampValue, DuckDBTypeId, version } = createRequire(
  import.meta.url,
)('@duckdb/node-api') as typeof import('@duckdb/node-api');
