import { type ColumnType, integerBounds } from '../model/column-type.ts';

/**
 * A value as another type of a server, NULL where an integer type has no room for it: lines are landed again right
 * after the change, save those of vanished objects. By its text, as what type it had is not known.
 */
export function fittingCast(value: string, type: ColumnType, typeName: string): string {
  const cast = `cast(${value} as ${typeName})`;
  if (type.kind !== 'integer') return cast;
  const text = `cast(${value} as varchar(64))`;
  const [least, greatest] = integerBounds(type.bits);
  return [
    `case when ${text} ~ '^-?[0-9]{1,19}$'`,
    `then case when cast(${value} as decimal(38, 0)) between ${least} and ${greatest} then ${cast} end end`,
  ].join(' ');
}
