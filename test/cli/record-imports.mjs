import { appendFileSync } from 'node:fs';
import { register } from 'node:module';
import { env } from 'node:process';
import { isMainThread } from 'node:worker_threads';

// Given to `node --import`; Node loads it a second time, in the thread of the hooks.
if (isMainThread) register(import.meta.url);

/** Writes the URL of every module that is imported into the file IMPORTS_FILE, one a line. */
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  appendFileSync(env.IMPORTS_FILE, `${found.url}\n`);
  return found;
}
