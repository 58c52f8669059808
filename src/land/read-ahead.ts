/**
 * Reads items in order while `count` more are being read already. Items that were begun are waited for when the
 * consumer stops early, so that nothing goes on behind its back.
 */
export async function* readAhead<T, R>(
  items: readonly T[],
  count: number,
  read: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const begun: Promise<R>[] = [];
  const rest = items.values();
  const begin = () => {
    const { value: item, done } = rest.next();
    if (done) return;
    const reading = read(item);
    // The failure is thrown when its turn comes; until then it is no unhandled rejection.
    reading.catch(() => {});
    begun.push(reading);
  };
  for (let i = 0; i < count; i++) begin();
  try {
    for (let reading = begun.shift(); reading; reading = begun.shift()) {
      const result = await reading;
      begin();
      yield result;
    }
  } finally {
    await Promise.allSettled(begun);
  }
}
