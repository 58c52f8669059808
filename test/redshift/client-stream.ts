import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Message, MessageSplitter } from './wire/messages.ts';

/** The messages of a client, one at a time, over a socket that may turn to TLS. */
export class ClientStream {
  #socket: Socket;
  readonly #splitter = new MessageSplitter({ startup: true });
  readonly #waiting: Message[] = [];
  #wake: (() => void) | undefined;
  #closed = false;
  /** Called when the client is gone. */
  onClose: () => void = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    this.#listen();
  }

  /** The next message; undefined when the client has gone. */
  async next(): Promise<Message | undefined> {
    while (this.#waiting.length === 0 && !this.#closed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return this.#waiting.shift();
  }

  /** Goes on in TLS, as the server. */
  upgrade(tls: { readonly key: string; readonly cert: string }): void {
    this.#socket.removeAllListeners();
    this.#socket = new TLSSocket(this.#socket, { ...tls, isServer: true });
    this.#listen();
  }

  get encrypted(): boolean {
    return this.#socket instanceof TLSSocket;
  }

  write(bytes: Buffer | string): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
  }

  /** Sends what is written and hangs up. */
  end(): void {
    this.#socket.end();
  }

  /** Drops the connection as a failing network does. */
  destroy(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    const socket = this.#socket;
    const close = () => {
      this.#closed = true;
      this.#wake?.();
      this.onClose();
    };
    socket.on('data', (bytes: Buffer) => {
      this.#waiting.push(...this.#splitter.add(bytes));
      this.#wake?.();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', close);
  }
}
