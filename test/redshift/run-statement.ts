import { answerOf, askBackend, BackendFailure, infoMessage } from './answers.ts';
import { parseCopy } from './copy/copy-command.ts';
import { FailedLoad, runCopy } from './copy/run-copy.ts';
import type { FaultOutcome } from './faults.ts';
import { Refusal } from './refusal.ts';
import { type Plan, planFor } from './rewrite/plan.ts';
import { checkStatement } from './rules/check.ts';
import { Disconnected, type Session } from './session.ts';
import { planSetting } from './settings.ts';
import { queryBlocks } from './sql/query-blocks.ts';
import type { Statement } from './sql/statement.ts';
import { refusalFields, translateError } from './translate-error.ts';
import { fieldsMessage, message, readFields, readText } from './wire/messages.ts';

/**
 * Runs one statement and sends all of its answer but ReadyForQuery. Gives whether it went well.
 * @throws Disconnected when a fault cut the connection
 */
export async function runStatement(session: Session, statement: Statement, sql: string): Promise<boolean> {
  const { shared, user, database, backend } = session;
  const { kind } = statement;
  const entry = shared.log.add({ database, user: user.name, processId: backend.processId, kind, sql });
  const fault = shared.faults.take(kind, sql);
  try {
    await beforeStatement(session, fault);
    checkState(session, kind);
    checkStatement(statement, ruleSession(session));
    await dispatch(session, statement, fault);
  } catch (cause) {
    entry.error = await answerError(session, cause, kind);
    return false;
  }
  afterStatement(session, fault);
  return true;
}

/** What the rules look at of the session. */
export function ruleSession({ backend, user, shared }: Session) {
  return { inTransaction: backend.status === 'T', superuser: user.superuser === true, kind: shared.kind };
}

/** What a fault does in front of the statement. @throws Refusal, Disconnected */
export async function beforeStatement(session: Session, fault: FaultOutcome | undefined): Promise<void> {
  if (fault === undefined) return;
  if ('cut' in fault && fault.cut === 'before') {
    session.cut();
    throw new Disconnected();
  }
  if ('delayMs' in fault) await askBackend(session, `select pg_sleep(${fault.delayMs / 1000})`);
  if ('error' in fault) {
    const { sqlState, message: text, detail } = fault.error;
    throw new Refusal(sqlState, text, detail === undefined ? {} : { detail });
  }
}

/** What a fault does behind the statement, before its answer has reached the client. @throws Disconnected */
export function afterStatement(session: Session, fault: FaultOutcome | undefined): void {
  if (fault === undefined || !('cut' in fault)) return;
  if (fault.cut === 'unnoticed') session.leave();
  else session.cut();
  throw new Disconnected();
}

// Facts 3.7: after an error nothing is run until the transaction ends.
function checkState({ backend }: Session, kind: string): void {
  if (backend.status === 'E' && kind !== 'commit' && kind !== 'rollback')
    throw new Refusal('25P02', 'current transaction is aborted, commands ignored until end of transaction block');
}

async function dispatch(session: Session, statement: Statement, fault: FaultOutcome | undefined): Promise<void> {
  if (statement.kind === 'copy') return copy(session, statement, fault);
  const quiet = fault !== undefined && 'cut' in fault;
  await runPlan(session, planSetting(session, statement) ?? planOf(session, statement), quiet);
}

/** The statement for PostgreSQL, as the session stands. */
export function planOf(session: Session, statement: Statement): Plan {
  return planFor(statement, {
    inTransaction: session.backend.status === 'T',
    lastCopyCount: session.lastCopyCount,
    lastCopyId: session.lastCopyId,
    snapshotAtBegin: session.shared.faults.snapshotAtBegin,
    blocks: queryBlocks(statement.tokens),
  });
}

// All steps go in one query, so that outside a transaction they are one.
async function runPlan({ backend, send }: Session, { steps, shown, tag }: Plan, quiet: boolean): Promise<void> {
  let step = 0;
  let failure: BackendFailure | undefined;
  if (steps.length > 0)
    await backend.exchange(message('Q', steps.join(';\n')), (received) => {
      if (received.type === 'E') {
        failure ??= new BackendFailure(readFields(received.body));
        // The last word of a server that hangs up.
        if (failure.fields.get('S') === 'FATAL') send(fieldsMessage('E', failure.fields));
      } else if (received.type === 'S' || step === shown) {
        const answer = answerOf(received);
        if (answer !== undefined && !quiet) send(answer);
      }
      if (received.type === 'C' || received.type === 'I') step += 1;
    });
  if (failure !== undefined) throw failure;
  if (shown === undefined && !quiet) send(message('C', tag));
}

async function copy(session: Session, { tokens }: Statement, fault: FaultOutcome | undefined): Promise<void> {
  const { shared, user, backend } = session;
  const injected = fault !== undefined && 'loadError' in fault ? fault : undefined;
  const command = parseCopy(tokens);
  const queryId = shared.nextQueryId();
  try {
    const result = await runCopy(command, {
      database: session.database,
      user: { name: user.name, mayAssumeRoles: shared.assumeRole.get(user.name) ?? user.mayAssumeRoles ?? true },
      processId: backend.processId,
      inTransaction: backend.status === 'T',
      ask: (sql) => askBackend(session, sql),
      copyIn: (sql, chunks) => copyIn(session, sql, chunks),
      openLog: shared.openLog,
      buckets: shared.buckets,
      queryId,
      errorLagMs: shared.faults.loadErrorLagMs,
      errorTable: shared.kind === 'serverless' ? 'sys_load_error_detail' : 'stl_load_errors',
      injected: injected?.loadError,
    });
    Object.assign(session, { lastCopyCount: result.rows, lastCopyId: queryId });
    shared.log.objectsRead += result.objectsRead;
    if (fault !== undefined && 'cut' in fault) return;
    for (const text of result.notices) session.send(infoMessage(text));
    session.send(message('C', 'COPY'));
  } catch (cause) {
    if (!(cause instanceof FailedLoad)) throw cause;
    session.lastCopyCount = 0;
    shared.faults.clockAheadMs += injected?.tookMs ?? 0;
    throw cause.refusal;
  }
}

async function copyIn({ backend }: Session, sql: string, chunks: AsyncIterable<Buffer>): Promise<number> {
  let failure: BackendFailure | undefined;
  let rows = 0;
  const each = ({ type, body }: { type: string; body: Buffer }) => {
    if (type === 'E') failure ??= new BackendFailure(readFields(body));
    if (type === 'C') rows = Number(readText(body, 0).text.split(' ').at(-1));
  };
  await backend.exchangeUntil(message('Q', sql), (received) => {
    each(received);
    return received.type === 'G' || received.type === 'E';
  });
  if (failure !== undefined) {
    await backend.exchange(Buffer.alloc(0), each);
    throw failure;
  }
  try {
    for await (const chunk of chunks) await backend.send(message('d', chunk));
  } catch (cause) {
    await backend.exchange(message('f', 'the data cannot be loaded'), () => {});
    throw cause;
  }
  await backend.exchange(message('c'), each);
  if (failure !== undefined) throw failure;
  return rows;
}

/** Tells the client of an error, with the transaction aborted. Gives its SQLSTATE. */
export async function answerError(session: Session, cause: unknown, kind: string): Promise<string> {
  const { backend, send } = session;
  if (cause instanceof BackendFailure) {
    const fields = translateError(cause.fields);
    send(fieldsMessage('E', fields));
    return fields.get('C') ?? '';
  }
  if (!(cause instanceof Refusal)) throw cause;
  if (backend.status === 'T') {
    const abort = kind === 'commit' ? 'rollback' : 'select redshift.fail()';
    await backend.exchange(message('Q', abort), () => {});
  }
  send(fieldsMessage('E', refusalFields(cause)));
  return cause.sqlState;
}
