import type { EngineName } from '../../src/model/expression.ts';

/** What the engines give where they do not give the same. */
export type ByEngine<T> = Readonly<Record<EngineName, T | NotSupported>>;

/** Where an engine has nothing of the kind. */
export interface NotSupported {
  /** Why, with the fact that says so. */
  readonly notSupported: string;
}

export function notSupported(reason: string): NotSupported {
  return Object.freeze({ notSupported: reason });
}

export function isNotSupported(value: unknown): value is NotSupported {
  return typeof value === 'object' && value !== null && 'notSupported' in value;
}
