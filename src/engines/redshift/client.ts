import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import pg, { type Client } from 'pg';
import { codeOf, SparkifyError } from '../../errors.ts';
import type { Address } from './address.ts';
import { amazonRoots } from './amazon-roots.ts';
import { findCredentials } from './credentials.ts';
import { openFailure } from './open-failure.ts';

/** `host:port/database`: all that messages tell of a target. */
export function shownPlace({ host, port, database }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
}

/** Opens a connection, with nothing set. @throws TARGET_INVALID, TARGET_UNUSABLE */
export async function connect(address: Address): Promise<Client> {
  const credentials = await findCredentials(address);
  const client = new pg.Client({
    host: address.host,
    port: address.port,
    database: address.database,
    user: credentials.user,
    ...(credentials.password !== undefined && { password: credentials.password }),
    ssl: tlsOptions(address),
    connectionTimeoutMillis: address.connectTimeoutMs,
    // A load waits inside its transaction while objects are read, longer than a NAT gateway remembers a silent one.
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
  });
  // Without a listener a connection lost between statements would end the process; the next statement tells of it.
  client.on('error', () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw openFailure({ shown: shownPlace(address) }, error);
  }
}

/** The name in the certificate must be the host's (facts 3.9). */
function tlsOptions({ tls, rootCertificate }: Address): false | ConnectionOptions {
  if (tls === 'off') return false;
  const ca = rootCertificate === undefined ? [...amazonRoots()] : readPem(rootCertificate);
  return { ca, rejectUnauthorized: true, minVersion: 'TLSv1.2' };
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new SparkifyError('TARGET_INVALID', `The certificate ${path} cannot be read: ${codeOf(error)}.`, {
      hint: 'Name a PEM file that this user may read in &sslrootcert.',
    });
  }
}
