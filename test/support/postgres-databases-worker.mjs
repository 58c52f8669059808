// Runs the statements of postgres-databases.ts, which sleeps meanwhile. An answer is '' or what went wrong.
import { parentPort, workerData } from 'node:worker_threads';
import pg from 'pg';

const { url, done, port } = workerData;
const client = new pg.Client(url);
const connected = client.connect();

parentPort.on('message', async (sql) => {
  port.postMessage(await run(sql));
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
});

async function run(sql) {
  try {
    await connected;
    await client.query(sql);
    return '';
  } catch (error) {
    return error.message;
  }
}
