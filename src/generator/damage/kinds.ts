/** What a warehouse makes of a damaged text, all else being sound. */
export type Effect =
  /** Loaded as though nothing were wrong; a missing optional key is NULL. */
  | 'loaded'
  /** One reject. */
  | 'rejected'
  /** One more blank line beside a sound one. */
  | 'blank'
  /** One line more than there are keys. */
  | 'duplicate'
  /** A duplicate that contradicts the line it was made of. */
  | 'conflict';

/** Every kind of damage; `songs` have no lines or sessions, so that not all of them are planted there. */
export const effects = {
  cut: 'rejected',
  missingBrace: 'rejected',
  fractionForInteger: 'rejected',
  wordForNumber: 'rejected',
  objectForText: 'rejected',
  missingRequiredKey: 'rejected',
  missingKey: 'loaded',
  unknownKey: 'loaded',
  invalidUtf8: 'rejected',
  nulEscape: 'rejected',
  overflow: 'rejected',
  carriageReturn: 'loaded',
  byteOrderMark: 'loaded',
  blankLine: 'blank',
  duplicate: 'duplicate',
  duplicateInLaterFile: 'duplicate',
  conflictingTime: 'conflict',
  conflictingUser: 'conflict',
} as const satisfies Record<string, Effect>;

export type DamageKind = keyof typeof effects;

/** How often a kind of damage was planted. */
export interface Planted {
  readonly source: 'events' | 'songs';
  readonly kind: DamageKind;
  readonly effect: Effect;
  /** At least 1. */
  readonly count: number;
}

/** Counts what is planted in one source. */
export interface Tally {
  add(kind: DamageKind): void;
  rows(): readonly Planted[];
}

export function createTally(source: Planted['source']): Tally {
  const counts = new Map<DamageKind, number>();
  const kinds = Object.keys(effects) as DamageKind[];
  return {
    add: (kind) => counts.set(kind, (counts.get(kind) ?? 0) + 1),
    rows: () =>
      kinds.flatMap((kind) => {
        const count = counts.get(kind) ?? 0;
        return count === 0 ? [] : [{ source, kind, effect: effects[kind], count }];
      }),
  };
}
