import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineName } from '../../src/model/expression.ts';
import { createDatabase } from './postgres-databases.ts';
import { createRedshift } from './redshift-databases.ts';

/** An engine that the tests run on: how to get an empty target of it, and to be rid of it again. */
export interface TestEngine {
  readonly engine: EngineName;
  create(): { readonly target: string; remove(): void };
}

/** Every engine of the product; tests loop over it. */
export const testEngines: readonly TestEngine[] = [
  {
    engine: 'duckdb',
    create: () => {
      const folder = temporaryFolder();
      return { target: `duckdb:${join(folder, 'warehouse.duckdb')}`, remove: () => removeFolder(folder) };
    },
  },
  {
    engine: 'postgres',
    create: () => {
      const { url, drop } = createDatabase();
      return { target: url, remove: drop };
    },
  },
  { engine: 'redshift', create: createRedshift },
];

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'sparkify-test-'));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
