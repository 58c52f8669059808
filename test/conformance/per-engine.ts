import { test } from 'vitest';
import type { EngineName } from '../../src/model/expression.ts';

/** What an engine cannot, or need not. */
export interface NotSupported {
  readonly notSupported: string;
}

export function notSupported(reason: string): NotSupported {
  return { notSupported: reason };
}

/** Something that differs between engines: each of them must be written down. */
export type PerEngine<T> = Readonly<Record<EngineName, T | NotSupported>>;

/** A test with what is expected on this engine; where it is not supported, one that is skipped with the reason. */
export function testExpecting<T>(
  name: string,
  engine: EngineName,
  perEngine: PerEngine<T>,
  work: (expected: T) => Promise<void>,
): void {
  const expected = perEngine[engine];
  if (isNotSupported(expected)) test.skip(`${name} (not supported: ${expected.notSupported})`, () => {});
  else test(name, () => work(expected));
}

function isNotSupported(value: unknown): value is NotSupported {
  return typeof value === 'object' && value !== null && 'notSupported' in value;
}
