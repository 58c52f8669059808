import { connect, type Socket } from 'node:net';
import { answerOf, askBackend } from './answers.ts';
import { ClientStream } from './client-stream.ts';
import { extendedQuery } from './extended-query.ts';
import {
  newSalt,
  passwordIsRight,
  type RedshiftUser,
  serverParameters,
  startupNames,
  startupSettings,
} from './login.ts';
import { Refusal } from './refusal.ts';
import { Disconnected, type Session, type Shared } from './session.ts';
import { initialSettings } from './settings.ts';
import { simpleQuery } from './simple-query.ts';
import { refusalFields } from './translate-error.ts';
import { Backend, ConnectionLost, ConnectionRefused } from './wire/backend.ts';
import {
  cancelRequest,
  encode,
  fieldsMessage,
  type Message,
  message,
  readText,
  ready,
  tlsRequest,
} from './wire/messages.ts';

/** Talks with a client until one of the two goes. */
export async function serveClient(socket: Socket, shared: Shared): Promise<void> {
  const client = new ClientStream(socket);
  try {
    const session = await logIn(client, shared);
    if (session !== undefined) await converse(client, session);
  } catch (cause) {
    if (cause instanceof Refusal) {
      client.write(fieldsMessage('E', refusalFields(cause, 'FATAL')));
      client.end();
    } else {
      client.destroy();
      if (!(cause instanceof Disconnected || cause instanceof ConnectionLost)) throw cause;
    }
  }
}

async function logIn(client: ClientStream, shared: Shared): Promise<Session | undefined> {
  const settings = await readStartup(client, shared);
  if (settings === undefined) return undefined;
  if (shared.requireTls && !client.encrypted) throw new Refusal('28000', 'no pg_hba.conf entry: SSL is required');
  const unknown = [...settings.keys()].find((name) => !startupNames.has(name.toLowerCase()));
  if (unknown !== undefined) throw new Refusal('42704', `unrecognized configuration parameter "${unknown}"`);
  const user = await authenticate(client, shared, settings.get('user') ?? '');
  const database = settings.get('database') ?? 'dev';
  await connectFault(client, shared);
  const backend = await openBackend(shared, user, database, settings);
  shared.log.connections += 1;
  const session = newSession(client, shared, user, database, backend);
  await askBackend(session, initialSettings(settings, shared.faults.clockAheadMs));
  client.write(message('R', 0));
  for (const [name, value] of serverParameters(user)) client.write(message('S', name, value));
  client.write(encode({ type: 'K', body: backend.key }));
  client.write(ready('I'));
  return session;
}

// Answers requests for TLS and for cancellation; gives the settings of the startup packet.
async function readStartup(client: ClientStream, shared: Shared): Promise<Map<string, string> | undefined> {
  for (;;) {
    const received = await client.next();
    if (received === undefined) return undefined;
    const code = received.body.readInt32BE(0);
    if (code === tlsRequest) {
      client.write('S');
      client.upgrade(shared.tls);
    } else if (code === cancelRequest) {
      const cancel = connect(shared.postgres.port, shared.postgres.host);
      cancel.on('error', () => {});
      cancel.end(encode(received));
      client.end();
      return undefined;
    } else return startupSettings(received.body);
  }
}

async function authenticate(client: ClientStream, shared: Shared, name: string): Promise<RedshiftUser> {
  const salt = newSalt();
  client.write(message('R', 5, salt));
  const answer = await client.next();
  const user = shared.users.find((one) => one.name === name);
  const right = answer !== undefined && passwordIsRight(user, readText(answer.body, 0).text, salt);
  if (user === undefined || !right) throw new Refusal('28000', `password authentication failed for user "${name}"`);
  return user;
}

async function connectFault(client: ClientStream, { faults }: Shared): Promise<void> {
  const fault = faults.take('connect', '');
  if (fault === undefined) return;
  if ('error' in fault) throw new Refusal(fault.error.sqlState, fault.error.message);
  if ('delayMs' in fault) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  else {
    client.destroy();
    throw new Disconnected();
  }
}

async function openBackend(
  { postgres, backendPassword }: Shared,
  { name, timezone = 'UTC' }: RedshiftUser,
  database: string,
  given: ReadonlyMap<string, string>,
): Promise<Backend> {
  const passed = [
    'application_name',
    'statement_timeout',
    'extra_float_digits',
    'search_path',
    'timezone',
    'datestyle',
  ];
  const asked = Object.fromEntries(passed.flatMap((one) => (given.has(one) ? [[one, given.get(one) ?? '']] : [])));
  const settings = { timezone, ...asked };
  try {
    return await Backend.open({ ...postgres, user: name, password: backendPassword, database, settings });
  } catch (cause) {
    if (!(cause instanceof ConnectionRefused)) throw cause;
    throw new Refusal(cause.fields.get('C') ?? '08006', cause.message);
  }
}

function newSession(
  client: ClientStream,
  shared: Shared,
  user: RedshiftUser,
  database: string,
  backend: Backend,
): Session {
  const cut = () => {
    client.destroy();
    backend.destroy();
  };
  const leave = () => {
    client.onClose = () => {};
    backend.onIdle = () => {};
    client.destroy();
  };
  client.onClose = () => backend.destroy();
  backend.onIdle = (received) => {
    const answer = received && answerOf(received);
    if (answer !== undefined) client.write(answer);
    if (received === undefined) client.end();
  };
  return {
    ...{ shared, user, database, backend, cut, leave, send: (bytes: Buffer) => client.write(bytes) },
    ...{ lastCopyCount: 0, lastCopyId: -1, caseSensitive: false, skipping: false },
    ...{ prepared: new Map(), portals: new Map() },
  };
}

async function converse(client: ClientStream, session: Session): Promise<void> {
  let batch: Message[] = [];
  for (;;) {
    const received = await client.next();
    if (received === undefined || received.type === 'X') break;
    if (received.type === 'Q') await simpleQuery(session, readText(received.body, 0).text);
    else if (received.type === 'S' || received.type === 'H') {
      const messages = batch;
      batch = [];
      await extendedQuery(session, messages, received.type);
    } else batch.push(received);
  }
  session.cut();
}
