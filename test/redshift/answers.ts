import { longName } from './rewrite/names.ts';
import type { Session } from './session.ts';
import { translateError } from './translate-error.ts';
import { encode, fieldsMessage, type Message, message, readFields, readText } from './wire/messages.ts';

/** An error that PostgreSQL answered, with its fields. */
export class BackendFailure extends Error {
  readonly fields: ReadonlyMap<string, string>;

  constructor(fields: ReadonlyMap<string, string>) {
    super(fields.get('M'));
    this.fields = fields;
  }
}

/** A message of PostgreSQL as the client gets it; undefined if it gets nothing. */
export function answerOf(received: Message): Buffer | undefined {
  switch (received.type) {
    case 'E':
      return fieldsMessage('E', translateError(readFields(received.body)));
    case 'N':
      return noticeOf(readFields(received.body));
    case 'S':
      return isReported(received.body) ? encode(received) : undefined;
    case 'T':
      return encode({ type: 'T', body: withLongNames(received.body) });
    case 'C':
      return message('C', tagOf(readText(received.body, 0).text));
    default:
      return encode(received);
  }
}

/** Runs one query of the stand-in's own; the client sees nothing of it. @throws BackendFailure */
export async function askBackend({ backend }: Session, sql: string): Promise<(string | null)[][]> {
  const rows: (string | null)[][] = [];
  let failure: BackendFailure | undefined;
  await backend.exchange(message('Q', sql), ({ type, body }) => {
    if (type === 'D') rows.push(readRow(body));
    if (type === 'E') failure ??= new BackendFailure(readFields(body));
  });
  if (failure !== undefined) throw failure;
  return rows;
}

function readRow(body: Buffer): (string | null)[] {
  const values: (string | null)[] = [];
  for (let at = 2; at < body.length; ) {
    const length = body.readInt32BE(at);
    values.push(length < 0 ? null : body.toString('utf8', at + 4, at + 4 + length));
    at += 4 + Math.max(length, 0);
  }
  return values;
}

// What is new in PostgreSQL since 8.0, Redshift does not report.
function isReported(body: Buffer): boolean {
  return ['DateStyle', 'TimeZone', 'is_superuser', 'session_authorization'].includes(readText(body, 0).text);
}

function noticeOf(fields: ReadonlyMap<string, string>): Buffer {
  return fieldsMessage('N', new Map([...fields].filter(([letter]) => 'SCMDH'.includes(letter))).set('S', 'INFO'));
}

/** INFO, as COPY tells its count (facts 1.12). */
export function infoMessage(text: string): Buffer {
  return noticeOf(
    new Map([
      ['S', 'INFO'],
      ['C', '00000'],
      ['M', text],
    ]),
  );
}

// PostgreSQL 8.0 gave SELECT no count; do not depend on one.
function tagOf(tag: string): string {
  return tag.replace(/^SELECT \d+$/, 'SELECT');
}

function withLongNames(body: Buffer): Buffer {
  const parts = [body.subarray(0, 2)];
  for (let at = 2; at < body.length; ) {
    const { text, next } = readText(body, at);
    parts.push(Buffer.from(`${longName(text)}\0`), body.subarray(next, next + 18));
    at = next + 18;
  }
  return Buffer.concat(parts);
}
