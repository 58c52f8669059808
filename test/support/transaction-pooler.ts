import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import pg from 'pg';

/** What stands between clients and a server and hands a client another session for each transaction, as PgBouncer does. */
export interface Pooler {
  readonly url: string;
  stop(): Promise<void>;
}

/** Lets everyone in, and opens sessions with the URL as it needs them; the one that was given back last goes out first. */
export async function startPooler(url: string): Promise<Pooler> {
  const idle: pg.Client[] = [];
  const all: pg.Client[] = [];
  const open = async () => {
    const client = new pg.Client(url);
    client.on('error', () => {});
    all.push(client);
    await client.connect();
    client.connection.stream.removeAllListeners('data');
    return client;
  };
  const server = createServer((front) =>
    serve(
      front,
      async () => idle.pop() ?? open(),
      (client) => idle.push(client),
    ),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = new URL(url);
  address.port = String((server.address() as AddressInfo).port);
  return {
    url: address.href,
    stop: async () => {
      for (const client of all) client.connection.stream.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function serve(front: Socket, take: () => Promise<pg.Client>, giveBack: (session: pg.Client) => void) {
  let session: pg.Client | undefined;
  let rest: Buffer = Buffer.alloc(0);
  front.on('error', () => {});
  const answer = (chunk: Buffer) => {
    front.write(chunk);
    rest = Buffer.concat([rest, chunk]);
    for (let message = nextMessage(rest); message; message = nextMessage(rest)) {
      rest = rest.subarray(message.length);
      if (message.type === 'Z' && message.body.toString() === 'I') release();
    }
  };
  const release = () => {
    session?.connection.stream.off('data', answer);
    if (session) giveBack(session);
    session = undefined;
  };
  let greeted = false;
  for await (const chunk of front as AsyncIterable<Buffer>) {
    if (!greeted && chunk.readInt32BE(4) === sslRequest) front.write('N');
    else if (!greeted) {
      greeted = true;
      front.write(greeting());
    } else if (chunk.toString('latin1', 0, 1) !== 'X') {
      if (!session) {
        session = await take();
        session.connection.stream.on('data', answer);
      }
      session.connection.stream.write(chunk);
    }
  }
}

const sslRequest = 80_877_103;

/** Messages are a letter, a length that counts itself, and a body. */
function nextMessage(bytes: Buffer): { type: string; body: Buffer; length: number } | undefined {
  const length = bytes.length < 5 ? Number.POSITIVE_INFINITY : 1 + bytes.readInt32BE(1);
  if (bytes.length < length) return undefined;
  return { type: bytes.toString('latin1', 0, 1), body: bytes.subarray(5, length), length };
}

/** Authentication is done, a process that is none of the server's, and ready for a query. */
function greeting(): Buffer {
  const key = Buffer.alloc(8);
  key.writeInt32BE(4_711, 0);
  return Buffer.concat([message('R', Buffer.alloc(4)), message('K', key), message('Z', Buffer.from('I'))]);
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.from(`${type}....`);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
