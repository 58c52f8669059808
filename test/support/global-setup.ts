import type { TestProject } from 'vitest/node';
import { startPostgres } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the superuser of the one PostgreSQL server of a test run. */
    postgresUrl: string;
  }
}

/**
 * Before the first test file; what it gives back runs after the last. TEST_POSTGRES_URL names another server, of another
 * version for instance, whose superuser it must be.
 */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const given = process.env.TEST_POSTGRES_URL;
  const server = given ? { url: given, stop: async () => {} } : await startPostgres();
  provide('postgresUrl', server.url);
  return server.stop;
}
