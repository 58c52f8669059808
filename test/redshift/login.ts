import { createHash, randomBytes } from 'node:crypto';
import { readText } from './wire/messages.ts';

/** Someone who may log in. */
export interface RedshiftUser {
  readonly name: string;
  readonly password: string;
  /** Default false. */
  readonly superuser?: boolean;
  /** SYSLOG ACCESS UNRESTRICTED: sees what others do, as a superuser. Default false. */
  readonly seesAll?: boolean;
  /** What ALTER USER … SET timezone gave its sessions. Default 'UTC'. */
  readonly timezone?: string;
  /** Temporary credentials end here (facts 3.11); sessions that are open go on. */
  readonly validUntil?: Date;
  /** False if ASSUMEROLE was revoked from PUBLIC and not granted to the user (facts 6). Default true. */
  readonly mayAssumeRoles?: boolean;
}

/** The settings of a startup packet. */
export function startupSettings(body: Buffer): Map<string, string> {
  const settings = new Map<string, string>();
  for (let at = 4; at < body.length && body[at] !== 0; ) {
    const name = readText(body, at);
    const value = readText(body, name.next);
    settings.set(name.text, value.text);
    at = value.next;
  }
  return settings;
}

/** Four bytes to ask for an MD5 password with. */
export function newSalt(): Buffer {
  return randomBytes(4);
}

/** Whether the answer to the salt is the user's password, and it still counts. */
export function passwordIsRight(user: RedshiftUser | undefined, answer: string, salt: Buffer): boolean {
  if (user === undefined || (user.validUntil !== undefined && user.validUntil <= new Date())) return false;
  const inner = md5(Buffer.from(user.password + user.name));
  return answer === `md5${md5(Buffer.concat([Buffer.from(inner), salt]))}`;
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** Settings that a client may give while connecting; others are refused (facts 3.9). */
export const startupNames: ReadonlySet<string> = new Set([
  ...['user', 'database', 'client_encoding', 'application_name', 'statement_timeout', 'datestyle', 'timezone'],
  ...['extra_float_digits', 'search_path', 'query_group'],
]);

/** What the server says of itself (facts 3.9). */
export function serverParameters(user: RedshiftUser): [string, string][] {
  return [
    ['server_version', '8.0.2'],
    ['server_encoding', 'UNICODE'],
    ['client_encoding', 'UNICODE'],
    ['DateStyle', 'ISO, MDY'],
    ['TimeZone', 'UTC'],
    ['integer_datetimes', 'on'],
    ['is_superuser', user.superuser === true ? 'on' : 'off'],
    ['session_authorization', user.name],
  ];
}
