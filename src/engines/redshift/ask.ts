import { SparkifyError } from '../../errors.ts';
import type { QueryResult } from '../engine.ts';
import { resultOf } from '../wire-values.ts';
import type { Connection } from './connection.ts';
import { queryFailure, readOnlyHint } from './failures.ts';

/**
 * Runs what a person wrote: one statement that reads. Those that could end the transaction that may only read, or act
 * beside it (COMMIT, UNLOAD, CALL …), are not sent; of the others the warehouse refuses what writes.
 * @throws QUERY_FAILED
 */
export async function ask(connection: Connection, sql: string): Promise<QueryResult> {
  if (!reads.test(sql)) {
    throw new SparkifyError('QUERY_FAILED', 'This is no statement that reads.', {
      hint: `Begin with SELECT, WITH, SHOW or EXPLAIN. ${readOnlyHint}`,
    });
  }
  try {
    // By the extended protocol, in which a second statement is refused.
    return resultOf(await connection.ask(sql, { queryMode: 'extended' }));
  } catch (error) {
    throw queryFailure(error);
  }
}

/** Behind comments and brackets. A comment inside a comment is left to the warehouse. */
const reads = /^(?:\s|\(|--[^\n]*(?:\n|$)|\/\*(?:(?!\/\*)[\s\S])*?\*\/)*(?:select|with|show|explain)\b/i;
