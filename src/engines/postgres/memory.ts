/**
 * Nothing: whether someone else has written to a database on a server since cannot be told without asking the server,
 * and opening a connection costs some milliseconds, not the minute's price of waking a warehouse that sleeps.
 */
export function recall(): undefined {
  return undefined;
}

/** Keeps nothing; see `recall`. */
export function remember(): void {}
