import { answerOf, askBackend } from './answers.ts';
import type { FaultOutcome } from './faults.ts';
import { Refusal, syntaxError } from './refusal.ts';
import { lockForWrite } from './rewrite/plan.ts';
import { checkStatement } from './rules/check.ts';
import { maxParameters } from './rules/name-rules.ts';
import { afterStatement, answerError, beforeStatement, planOf, ruleSession, runStatement } from './run-statement.ts';
import type { Prepared, Session } from './session.ts';
import { several } from './simple-query.ts';
import { parseStatements } from './sql/statement.ts';
import type { LoggedStatement } from './statement-log.ts';
import { encode, type Message, message, readFields, readText, ready } from './wire/messages.ts';

/** What PostgreSQL prepares itself; other statements are run as simple ones when their turn comes. */
const ordinary = new Set(['select', 'insert', 'update', 'delete', 'merge']);

/** Answers the messages up to a Sync (S) or Flush (H). */
export async function extendedQuery(session: Session, messages: readonly Message[], ending: 'S' | 'H'): Promise<void> {
  if (!session.skipping) session.skipping = !(await answerBatch(session, messages, ending));
  if (ending === 'H') return;
  // After a Flush, PostgreSQL waits for the Sync as well.
  if (session.skipping || messages.length === 0) await session.backend.exchange(message('S'), () => {});
  session.skipping = false;
  session.send(ready(session.backend.status));
}

// Gives whether all went well.
async function answerBatch(session: Session, messages: readonly Message[], ending: 'S' | 'H'): Promise<boolean> {
  try {
    const prepared = messages.map((one) => prepare(session, one));
    const executed = messages.flatMap((one) => (one.type === 'E' ? [executedBy(session, one)] : []));
    const special = [...executed, ...parsedBy(session, messages)].some((one) => isSpecial(one));
    if (special) return await runSpecial(session, messages);
    return await forward(session, prepared, executed, ending);
  } catch (cause) {
    await answerError(session, cause, '');
    return false;
  }
}

function isSpecial(prepared: Prepared | undefined): boolean {
  return prepared?.statement !== undefined && !ordinary.has(prepared.statement.kind);
}

function executedBy({ portals }: Session, { body }: Message): Prepared | undefined {
  return portals.get(readText(body, 0).text);
}

function parsedBy({ prepared }: Session, messages: readonly Message[]): (Prepared | undefined)[] {
  return messages.filter(({ type }) => type === 'P').map(({ body }) => prepared.get(readText(body, 0).text));
}

// Takes note of the message and gives what PostgreSQL gets of it.
function prepare(session: Session, received: Message): Buffer {
  const { type, body } = received;
  if (type === 'P') return prepareParse(session, body);
  if (type === 'B') {
    const portal = readText(body, 0);
    const statement = readText(body, portal.next);
    session.portals.set(portal.text, session.prepared.get(statement.text) ?? { statement: undefined, sql: '' });
    const formats = body.readUInt16BE(statement.next);
    const count = body.readUInt16BE(statement.next + 2 + formats * 2);
    if (count > maxParameters) throw new Refusal('08P01', `too many parameters, at most ${maxParameters}`);
  }
  return encode(received);
}

function prepareParse(session: Session, body: Buffer): Buffer {
  const name = readText(body, 0);
  const { text: sql, next } = readText(body, name.next);
  const [statement, ...more] = parseStatements(sql, session);
  if (more.length > 0) throw several();
  session.prepared.set(name.text, { statement, sql });
  if (statement === undefined || !ordinary.has(statement.kind)) return encode({ type: 'P', body });
  checkStatement(statement, ruleSession(session));
  const { steps, shown = 0 } = planOf(session, statement);
  return message('P', name.text, steps[shown] ?? '', body.subarray(next));
}

// COPY, DDL and the like take no parameters (facts 3.9).
async function runSpecial(session: Session, messages: readonly Message[]): Promise<boolean> {
  for (const one of messages) {
    const executed = one.type === 'E' ? executedBy(session, one) : undefined;
    if (one.type === 'P') session.send(message('1'));
    else if (one.type === 'C') session.send(message('3'));
    else if (one.type === 'B') {
      if (parameterCount(one.body) > 0) throw syntaxError('$1');
      session.send(message('2'));
    } else if (one.type === 'D') session.send(message('n'));
    else if (executed?.statement !== undefined && !(await runStatement(session, executed.statement, executed.sql)))
      return false;
  }
  return true;
}

function parameterCount(body: Buffer): number {
  const statement = readText(body, readText(body, 0).next);
  return body.readUInt16BE(statement.next + 2 + body.readUInt16BE(statement.next) * 2);
}

async function forward(
  session: Session,
  prepared: readonly Buffer[],
  executed: readonly (Prepared | undefined)[],
  ending: 'S' | 'H',
): Promise<boolean> {
  const entries: LoggedStatement[] = [];
  const faults: (FaultOutcome | undefined)[] = [];
  for (const one of executed) if (one?.statement !== undefined) faults.push(await begin(session, one, entries));
  const quiet = faults.some((fault) => fault !== undefined && 'cut' in fault);
  let failed = false;
  const each = (received: Message) => {
    if (received.type === 'E') {
      failed = true;
      for (const entry of entries) entry.error = readFields(received.body).get('C');
    }
    const answer = answerOf(received);
    if (answer !== undefined && !quiet) session.send(answer);
  };
  if (ending === 'S') await session.backend.exchange(Buffer.concat([...prepared, message('S')]), each);
  else await flush(session, prepared, each);
  for (const fault of faults) afterStatement(session, fault);
  return !failed;
}

// What comes before a statement is executed: its entry in the log, its fault, its lock.
async function begin(
  session: Session,
  { statement, sql }: Prepared,
  entries: LoggedStatement[],
): Promise<FaultOutcome | undefined> {
  if (statement === undefined) return undefined;
  const { shared, user, database, backend } = session;
  const { kind, target } = statement;
  const entry = shared.log.add({ database, user: user.name, processId: backend.processId, kind, sql });
  entries.push(entry);
  const fault = shared.faults.take(kind, sql);
  try {
    await beforeStatement(session, fault);
    if (kind !== 'select' && backend.status === 'T') await askBackend(session, lockForWrite(target ?? ''));
  } catch (cause) {
    entry.error = cause instanceof Refusal ? cause.sqlState : 'XX000';
    throw cause;
  }
  return fault;
}

// Waits for one answer to each message, or for an error.
async function flush(
  { backend }: Session,
  prepared: readonly Buffer[],
  each: (received: Message) => void,
): Promise<void> {
  let left = prepared.length;
  if (left === 0) return;
  await backend.exchangeUntil(Buffer.concat([...prepared, message('H')]), (received) => {
    each(received);
    if ('12Tn3CsI'.includes(received.type)) left -= 1;
    return left === 0 || received.type === 'E';
  });
}
