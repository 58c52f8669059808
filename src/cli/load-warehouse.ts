import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { codeOf, messageOf, SparkifyError } from '../errors.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { sparkify } from '../sparkify/warehouse.ts';

const how = "Export the value of defineWarehouse({ … }) from 'sparkify-warehouse' as `warehouse`.";

/**
 * The warehouse a module exports as `warehouse` or by default; without a module Sparkify's own.
 * @throws USAGE when the module cannot be loaded or exports none; what the module itself throws as SparkifyError
 */
export async function loadWarehouse(file: string | undefined, folder: string): Promise<Warehouse> {
  if (file === undefined) return sparkify;
  const exported = await importModule(resolve(folder, file));
  const found = exported.warehouse ?? exported.default;
  if (isWarehouse(found)) return found;
  const names = Object.keys(exported).join(', ') || 'nothing';
  throw new SparkifyError('USAGE', `${file} exports no warehouse; it exports ${names}.`, {
    hint: how,
    details: { file },
  });
}

async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  await stat(path).catch((cause: unknown) => {
    throw new SparkifyError(
      'USAGE',
      `The warehouse module ${path} cannot be read: ${codeOf(cause) ?? messageOf(cause)}.`,
      {
        hint: 'Look at --warehouse: a path from the current folder to a JavaScript module.',
        cause,
      },
    );
  });
  try {
    return await import(pathToFileURL(path).href);
  } catch (cause) {
    // A copy of this package in another node_modules has a SparkifyError of its own.
    if (cause instanceof Error && cause.name === 'SparkifyError') throw cause;
    throw new SparkifyError('USAGE', `The warehouse module ${path} cannot be loaded: ${messageOf(cause)}`, {
      hint: how,
      cause,
    });
  }
}

/** `defineWarehouse` has checked what is inside; this tells its value from anything else. */
function isWarehouse(value: unknown): value is Warehouse {
  if (typeof value !== 'object' || value === null || !Object.isFrozen(value)) return false;
  const { name, staging, tables, views, checks } = value as Partial<Record<keyof Warehouse, unknown>>;
  return typeof name === 'string' && [staging, tables, views, checks].every(Array.isArray);
}
