import { appendFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { env } from 'node:process';
import { isMainThread } from 'node:worker_threads';

// Given to `node --import`; Node loads it a second time, in the thread of the hooks.
if (isMainThread) {
  register(import.meta.url);
  process.on('exit', () => record(Object.keys(createRequire(import.meta.url).cache)));
}

/** Writes the URL of every module that is imported into the file IMPORTS_FILE, one a line, and the paths of those required. */
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  record([found.url]);
  return found;
}

function record(modules) {
  appendFileSync(env.IMPORTS_FILE, modules.map((module) => `${module}\n`).join(''));
}
