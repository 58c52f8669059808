import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { inject } from 'vitest';

/** A database of the server of this test run. */
export interface TestDatabase {
  readonly name: string;
  /** Of the superuser. */
  readonly url: string;
  drop(): void;
}

let created = 0;

/**
 * An empty database. Where nothing else is said it orders text as people in the United States do (ICU), which is not by
 * bytes: that the tool's SQL does is to be seen in every test.
 */
export function createDatabase(options = "template template0 locale_provider icu icu_locale 'en-US'"): TestDatabase {
  const name = `test_${process.pid}_${created++}`;
  execute(`create database ${name} ${options}`);
  const url = new URL(inject('postgresUrl'));
  url.pathname = name;
  return { name, url: url.href, drop: () => execute(`drop database if exists ${name} with (force)`) };
}

let connection: ReturnType<typeof connect> | undefined;

/** Runs a statement in the database `postgres` and waits, as tests ask for their target where nothing can be awaited. */
export function execute(sql: string): void {
  connection ??= connect();
  const { worker, done, answers } = connection;
  Atomics.store(done, 0, 0);
  worker.postMessage(sql);
  Atomics.wait(done, 0, 0);
  const failure = receiveMessageOnPort(answers)?.message;
  if (failure) throw new Error(`${sql}: ${failure}`);
}

function connect() {
  const done = new Int32Array(new SharedArrayBuffer(4));
  const { port1: answers, port2: port } = new MessageChannel();
  const worker = new Worker(new URL('./postgres-databases-worker.mjs', import.meta.url), {
    workerData: { url: inject('postgresUrl'), done, port },
    transferList: [port],
  });
  worker.unref();
  return { worker, done, answers };
}
