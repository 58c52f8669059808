import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DuckDBInstance as Instance } from '@duckdb/node-api';
import { SparkifyError } from '../../errors.ts';
import type { OpenOptions } from '../engine.ts';
import { pause } from '../pause.ts';
import { waitHint } from '../wait-hint.ts';
import { DuckDBInstance } from './binding.ts';
import { boundedMemory } from './bounded-memory.ts';
import { claim } from './claim.ts';
import { createDatabase, removeLeftovers } from './create.ts';
import { openFailure } from './failures.ts';
import { forgetHolder, noteHolder } from './holder.ts';

/** A database file that is open. */
export interface OpenFile {
  readonly instance: Instance;
  /** Lets go of it. */
  close(): void;
}

/**
 * Opens a file as its only writer, creating it, or as one of its readers. Whoever comes second waits, and is told in the
 * end who holds it.
 * @throws TARGET_IN_USE, TARGET_UNUSABLE; INTERRUPTED when the signal comes while it waits
 */
export async function openLocked(
  file: string,
  { mode, signal, waitMs }: OpenOptions & { readonly waitMs: number },
): Promise<OpenFile> {
  const startedAt = Date.now();
  for (;;) {
    try {
      return await (mode === 'write' ? openToWrite(file) : openToRead(file));
    } catch (error) {
      if (!(error instanceof SparkifyError) || error.code !== 'TARGET_IN_USE') throw error;
      if (Date.now() - startedAt >= waitMs + (isTold(error) ? 0 : graceMs)) throw givenUp(error, mode, waitMs);
      await pause(pauseMs, signal);
    }
  }
}

/** A holder writes who it is only after it has got the lock and read its file. */
const graceMs = 300;
const pauseMs = 100;

function isTold({ details }: SparkifyError): boolean {
  return details.since !== undefined;
}

/** A run that has waited is not told to. Readers wait a while unasked. */
function givenUp(error: SparkifyError, mode: OpenOptions['mode'], waitMs: number): SparkifyError {
  if (mode === 'read' || waitMs === 0) return error;
  const { code, message, cause, details, retryable } = error;
  return new SparkifyError(code, message, { hint: `${waitHint(waitMs)}.`, cause, details, retryable });
}

async function openToWrite(file: string): Promise<OpenFile> {
  // Before there is a file: this process makes one draft of it at a time.
  const release = claim(identityOf(file), 'write');
  try {
    if (!existsSync(file)) await createDatabase(file).catch(fail(file));
    const instance = await DuckDBInstance.create(file, boundedMemory).catch(fail(file));
    noteHolder(file);
    removeLeftovers(file);
    const close = () => {
      forgetHolder(file);
      release(instance);
    };
    return { instance, close };
  } catch (error) {
    release();
    throw error;
  }
}

async function openToRead(file: string): Promise<OpenFile> {
  const release = claim(identityOf(file), 'read');
  try {
    const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' }).catch(fail(file));
    return { instance, close: () => release(instance) };
  } catch (error) {
    release();
    throw error;
  }
}

/** One name for one file, whatever links lead to it. */
function identityOf(file: string): string {
  return existsSync(file) ? realpathSync(file) : join(realpathSync(dirname(file)), basename(file));
}

const fail =
  (file: string) =>
  (cause: unknown): never => {
    throw openFailure(file, cause);
  };
