/** As Promise.all, but a failure is thrown when all have ended, so that nothing goes on behind the caller's back. */
export async function waitForAll<T>(works: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}
