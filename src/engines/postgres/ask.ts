import type { Client } from 'pg';
import type { QueryResult } from '../engine.ts';
import { asText, resultOf } from '../wire-values.ts';
import { type Place, queryFailure } from './failures.ts';

/** Runs what a person wrote: one statement that reads. A failure leaves the transaction as it was. @throws QUERY_FAILED */
export async function ask(client: Client, sql: string, place: Place): Promise<QueryResult> {
  const isInside = client.getTransactionStatus() === 'T';
  if (isInside) await client.query('savepoint sparkify_query');
  try {
    return explains.test(sql) ? await runAsItIs(client, sql, place) : await runPrepared(client, sql, place);
  } finally {
    // Whatever became of it: how the transaction is, is known a little later than that a statement failed.
    const end = isInside ? 'rollback to savepoint sparkify_query; release savepoint sparkify_query; ' : '';
    await client.query(`${end}deallocate all`).catch(() => {});
  }
}

/** EXPLAIN or SHOW, behind any comments. A comment inside a comment is left to the server. */
const explains = /^(?:\s|--[^\n]*\n|\/\*(?:(?!\/\*)[\s\S])*?\*\/)*(?:explain|show)\b/i;

/** By the extended protocol, in which the server refuses a second statement. */
const alone = { queryMode: 'extended' };

async function runAsItIs(client: Client, sql: string, place: Place): Promise<QueryResult> {
  try {
    return resultOf(await client.query<(string | null)[]>({ ...alone, text: sql, rowMode: 'array', types: asText }));
  } catch (error) {
    throw queryFailure(error, '', place);
  }
}

/** PREPARE takes SELECT and what changes rows, which a reader's transaction refuses; never COPY, SET, COMMIT or DO. */
async function runPrepared(client: Client, sql: string, place: Place): Promise<QueryResult> {
  try {
    await client.query({ ...alone, text: `${prepare}${sql}` });
    const execute = { text: 'execute sparkify_query', rowMode: 'array' as const, types: asText };
    return resultOf(await client.query<(string | null)[]>(execute));
  } catch (error) {
    throw queryFailure(error, prepare, place);
  }
}

const prepare = 'prepare sparkify_query as\n';
