/** A message of the PostgreSQL protocol, version 3, from either side: its type and what follows the length. */
export interface Message {
  readonly type: string;
  readonly body: Buffer;
}

/** Cuts a stream of bytes into messages. The first of a client has no type (`startup`). */
export class MessageSplitter {
  #rest: Buffer = Buffer.alloc(0);
  #startup: boolean;

  constructor({ startup = false } = {}) {
    this.#startup = startup;
  }

  /** The messages that are whole with these bytes; a startup packet has the type ''. */
  add(bytes: Buffer): Message[] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const messages: Message[] = [];
    for (let message = this.#next(); message !== undefined; message = this.#next()) messages.push(message);
    return messages;
  }

  #next(): Message | undefined {
    const head = this.#startup ? 0 : 1;
    if (this.#rest.length < head + 4) return undefined;
    const end = head + this.#rest.readInt32BE(head);
    if (this.#rest.length < end) return undefined;
    const type = this.#startup ? '' : String.fromCharCode(this.#rest[0] ?? 0);
    const body = this.#rest.subarray(head + 4, end);
    this.#rest = this.#rest.subarray(end);
    // A request for TLS or a cancellation is followed by another packet without type.
    if (this.#startup) this.#startup = body.length >= 4 && body.readInt32BE(0) !== protocolVersion;
    return { type, body };
  }
}

export const protocolVersion = 196608;
export const tlsRequest = 80877103;
export const cancelRequest = 80877102;

/** The message as bytes; with the type '' a startup packet. */
export function encode({ type, body }: Message): Buffer {
  const head = Buffer.alloc(type.length + 4);
  if (type !== '') head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, type.length);
  return Buffer.concat([head, body]);
}

/** A message whose body is made of these pieces: texts end with a zero byte, numbers are 32 bits wide. */
export function message(type: string, ...pieces: readonly (string | number | Buffer)[]): Buffer {
  return encode({ type, body: Buffer.concat(pieces.map(piece)) });
}

function piece(value: string | number | Buffer): Buffer {
  if (typeof value === 'string') return Buffer.from(`${value}\0`);
  if (typeof value !== 'number') return value;
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** The text that begins at `from` and ends with a zero byte, and the place behind it. */
export function readText(body: Buffer, from: number): { text: string; next: number } {
  const end = body.indexOf(0, from);
  return { text: body.toString('utf8', from, end), next: end + 1 };
}

/** The fields of an ErrorResponse or NoticeResponse, by their letter. */
export function readFields(body: Buffer): Map<string, string> {
  const fields = new Map<string, string>();
  for (let at = 0; body[at] !== undefined && body[at] !== 0; ) {
    const { text, next } = readText(body, at + 1);
    fields.set(String.fromCharCode(body[at] ?? 0), text);
    at = next;
  }
  return fields;
}

/** An ErrorResponse (type E) or NoticeResponse (type N) with these fields. */
export function fieldsMessage(type: 'E' | 'N', fields: ReadonlyMap<string, string>): Buffer {
  const parts = [...fields].map(([letter, text]) => Buffer.from(`${letter}${text}\0`));
  return encode({ type, body: Buffer.concat([...parts, Buffer.from([0])]) });
}

/** ReadyForQuery, with the state of the transaction. */
export function ready(status: TransactionStatus): Buffer {
  return encode({ type: 'Z', body: Buffer.from(status) });
}

/** Idle, in a transaction, in an aborted one. */
export type TransactionStatus = 'I' | 'T' | 'E';
