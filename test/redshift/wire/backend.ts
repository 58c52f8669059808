import { connect, type Socket } from 'node:net';
import {
  type Message,
  MessageSplitter,
  message,
  protocolVersion,
  readFields,
  type TransactionStatus,
} from './messages.ts';

/** Where PostgreSQL is, and who to be there. */
export interface BackendOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** More settings of the startup packet. */
  readonly settings: Readonly<Record<string, string>>;
}

/** PostgreSQL refused the connection; the fields are those of its error. */
export class ConnectionRefused extends Error {
  readonly fields: ReadonlyMap<string, string>;

  constructor(fields: ReadonlyMap<string, string>) {
    super(fields.get('M') ?? 'connection refused');
    this.fields = fields;
  }
}

/** PostgreSQL hung up; what it said before has been handed on. */
export class ConnectionLost extends Error {}

/** A connection to PostgreSQL that hands on its messages as they are. One exchange at a time. */
export class Backend {
  /** The body of its key for cancellations; the first four bytes are the process id. */
  key: Buffer = Buffer.alloc(8);
  status: TransactionStatus = 'I';
  /** Called with what arrives between two exchanges: the error before the server hangs up, and undefined when it has. */
  onIdle: (message: Message | undefined) => void = () => {};
  readonly #socket: Socket;
  readonly #waiting: Message[] = [];
  #wake: (() => void) | undefined;
  #closed = false;
  /** Nothing has been sent since the last ReadyForQuery. */
  #idle = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const splitter = new MessageSplitter();
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#arrived(splitter.add(bytes)));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#closed = true;
      this.#arrived([]);
      if (this.#idle) this.onIdle(undefined);
    });
  }

  /** @throws ConnectionRefused */
  static async open(options: BackendOptions): Promise<Backend> {
    const backend = new Backend(connect(options.port, options.host));
    const settings = Object.entries({ user: options.user, database: options.database, ...options.settings }).flat();
    backend.#socket.write(message('', protocolVersion, ...settings, Buffer.from([0])));
    await backend.exchange(Buffer.alloc(0), (received) => backend.#login(received, options.password));
    return backend;
  }

  get processId(): number {
    return this.key.readInt32BE(0);
  }

  /** Sends the bytes and hands on every message up to ReadyForQuery, which it keeps. */
  async exchange(bytes: Buffer, each: (message: Message) => void | Promise<void>): Promise<void> {
    this.#idle = false;
    this.#socket.write(bytes);
    for (;;) {
      const received = await this.#receive();
      if (received.type !== 'Z') await each(received);
      else {
        this.status = statusOf(received.body);
        this.#idle = true;
        return;
      }
    }
  }

  /** Sends the bytes and hands on messages until `last` says that one is the last. */
  async exchangeUntil(bytes: Buffer, last: (message: Message) => boolean): Promise<void> {
    this.#idle = false;
    this.#socket.write(bytes);
    while (!last(await this.#receive()));
  }

  /** Sends bytes and does not wait; resolves when they are on their way. */
  async send(bytes: Buffer): Promise<void> {
    if (!this.#socket.write(bytes) && !this.#closed)
      await new Promise<void>((resolve) => {
        const done = () => {
          this.#socket.off('drain', done).off('close', done);
          resolve();
        };
        this.#socket.on('drain', done).on('close', done);
      });
  }

  /** Cuts the connection; an open transaction is rolled back. */
  destroy(): void {
    this.onIdle = () => {};
    this.#socket.destroy();
  }

  #login({ type, body }: Message, password: string): void {
    if (type === 'R' && body.readInt32BE(0) === 3) this.#socket.write(message('p', password));
    else if (type === 'R' && body.readInt32BE(0) !== 0) throw new Error('PostgreSQL asks for another kind of password');
    else if (type === 'K') this.key = Buffer.from(body);
    else if (type === 'E') throw new ConnectionRefused(readFields(body));
  }

  #arrived(messages: readonly Message[]): void {
    if (this.#idle) for (const one of messages) this.onIdle(one);
    else this.#waiting.push(...messages);
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  async #receive(): Promise<Message> {
    for (;;) {
      const received = this.#waiting.shift();
      if (received !== undefined) return received;
      if (this.#closed) throw new ConnectionLost();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function statusOf(body: Buffer): TransactionStatus {
  const letter = body.toString('latin1');
  return letter === 'T' || letter === 'E' ? letter : 'I';
}
