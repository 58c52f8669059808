import pg from 'pg';
import type { Connection } from '../src/engines/redshift/connection.ts';

/** What a warehouse said to a statement: rows of texts, or no. */
export type Answer = { readonly kind: 'rows'; readonly rows: readonly (readonly (string | null)[])[] } | Refused;

export interface Refused {
  readonly kind: 'refused';
  /** SQLSTATE and message. */
  readonly reason: string;
}

/** Sends one statement. A refusal is an answer too; a connection that is lost throws. */
export async function answerTo(
  connection: Connection,
  sql: string,
  options?: Parameters<Connection['ask']>[1],
): Promise<Answer> {
  try {
    const { rows } = await connection.ask(sql, options);
    return { kind: 'rows', rows: rows ?? [] };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return { kind: 'refused', reason: `${error.code ?? ''} ${error.message}`.trim() };
  }
}

export function isRefused({ kind }: Answer): boolean {
  return kind === 'refused';
}

/** The value in the first row's first column; undefined where there is none. */
export function onlyValue(answer: Answer): string | null | undefined {
  return answer.kind === 'rows' ? answer.rows[0]?.[0] : undefined;
}

/** For the report: `refused: …`, or rows like `1, 2; 3, 4`. */
export function shownAnswer(answer: Answer): string {
  if (answer.kind === 'refused') return `refused: ${answer.reason}`;
  if (answer.rows.length === 0) return 'done';
  return answer.rows.map((row) => row.map((value) => value ?? 'NULL').join(', ')).join('; ');
}
