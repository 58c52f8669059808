import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Order, Outcome } from './opener.ts';

/** Another process that opens targets when told to. */
export interface OtherProcess {
  readonly pid: number;
  /** Gives an order without waiting for what comes of it. */
  order(order: Order): void;
  /** What it tells next. */
  next(): Promise<Outcome>;
  /** As `kill -9`. */
  kill(): Promise<void>;
}

export async function startOther(): Promise<OtherProcess> {
  const child = fork(join(import.meta.dirname, 'opener.ts'), { execArgv: ['--import', 'tsx'] });
  const told: Outcome[] = [];
  const waiting: ((outcome: Outcome) => void)[] = [];
  child.on('message', (outcome: Outcome) => {
    const next = waiting.shift();
    if (next) next(outcome);
    else told.push(outcome);
  });
  const next = async () => told.shift() ?? new Promise<Outcome>((resolve) => waiting.push(resolve));
  if ((await next()) !== 'ready') throw new Error('the other process did not start');
  return { pid: child.pid ?? 0, order: (order) => child.send(order), next, kill: () => kill(child) };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
