import { inject } from 'vitest';
import { type StandIn, startStandIn } from '../redshift/stand-in.ts';
import { execute } from './postgres-databases.ts';
import { redshiftTarget } from './redshift-databases.ts';
import type { S3Address } from './s3-server.ts';
import type { TestEngine } from './targets.ts';

/** An engine for targets whose sources lie on an S3 server of the test's own. */
export interface EngineBeside {
  readonly engine: TestEngine;
  stop(): Promise<void>;
}

/** Redshift loads from the server that sources are read from: it gets a stand-in of its own. */
export async function engineBeside(engine: TestEngine, server: S3Address): Promise<EngineBeside> {
  if (engine.engine !== 'redshift') return { engine, stop: async () => {} };
  const standIn = await startStandIn({ s3Endpoint: server.endpoint, postgresUrl: inject('postgresUrl') });
  return { engine: { engine: 'redshift', create: () => createBeside(standIn, server) }, stop: () => standIn.stop() };
}

let created = 0;

/** An empty database of a stand-in that loads from this server, with a landing prefix of its own, as a target. */
export function createBeside(standIn: StandIn, { bucket }: S3Address): ReturnType<TestEngine['create']> {
  const { template, owner } = inject('redshift');
  const name = `warehouse_beside_${process.pid}_${created++}`;
  execute(`create database ${name} template ${template} owner ${owner}`);
  return {
    target: redshiftTarget(standIn.url(name), bucket, name),
    remove: () => execute(`drop database if exists ${name} with (force)`),
  };
}
