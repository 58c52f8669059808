import { leftOpen, type Refusal } from './refusal.ts';
import type { RefusedForm } from './rules/rule.ts';
import { under } from './rules/rule.ts';
import { answerError, runStatement } from './run-statement.ts';
import type { Session } from './session.ts';
import { parseStatements } from './sql/statement.ts';
import { message, ready } from './wire/messages.ts';

/** Several statements in one query: whether they are one transaction is left open (facts 3.9, 8.11). */
export const severalStatements: RefusedForm = {
  name: 'several statements in one query',
  fact: '3.9, 8.11',
  examples: ['select 1; select 2'],
};

/** Answers a Query message, ReadyForQuery included. */
export async function simpleQuery(session: Session, sql: string): Promise<void> {
  try {
    const [statement, ...more] = parseStatements(sql, session);
    if (more.length > 0) throw several();
    if (statement === undefined) session.send(message('I'));
    else await runStatement(session, statement, sql);
  } catch (cause) {
    await answerError(session, cause, '');
  }
  session.send(ready(session.backend.status));
}

/** What several statements in one text are answered. */
export function several(): Refusal {
  return under(severalStatements, leftOpen('several statements in one query', 'one statement in each'));
}
