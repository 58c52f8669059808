import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** When a connection is cut: at the so manieth statement, before it reaches the server or when only its answer is lost. */
export interface Cut {
  readonly statement: number;
  /** Only statements whose text matches count. Default: all. */
  readonly matching?: RegExp;
  readonly when: 'before' | 'after';
}

/** What stands between a client and a server and can cut the line between them. */
export interface CuttingProxy {
  readonly url: string;
  /** Statements that have gone through since, of those that count. */
  statements(): number;
  /** Once: what connects afterwards goes through. */
  cutAt(cut: Cut): void;
  stop(): Promise<void>;
}

export async function startCuttingProxy(url: string): Promise<CuttingProxy> {
  let cut: Cut | undefined;
  let matching = /^/;
  let count = 0;
  const sockets = new Set<Socket>();
  const address = new URL(url);
  const server = createServer((front) => {
    const back = connect(Number(address.port), address.hostname);
    const end = () => {
      front.destroy();
      back.destroy();
    };
    for (const socket of [front, back]) {
      sockets.add(socket);
      socket.on('error', end).on('close', end);
    }
    back.on('data', (chunk) => front.write(chunk));
    front.on('data', (chunk) => {
      if (isStatement(chunk) && matching.test(chunk.toString('latin1'))) count += 1;
      const due = cut !== undefined && count >= cut.statement ? cut : undefined;
      if (due) cut = undefined;
      if (due?.when === 'before') return end();
      back.write(chunk);
      if (!due) return;
      // The answer shows that the server has done it; it goes no further.
      back.removeAllListeners('data').once('data', end);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxied = new URL(url);
  proxied.port = String((server.address() as AddressInfo).port);
  return {
    url: proxied.href,
    statements: () => count,
    cutAt: (at) => {
      cut = at;
      matching = at.matching ?? /^/;
      count = 0;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A client that waits for each answer sends a simple query, or the end of rows to copy, at the beginning of a chunk. */
function isStatement(chunk: Buffer): boolean {
  return chunk[0] === 0x51 || chunk[0] === 0x63;
}
