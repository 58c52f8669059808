import { LosslessNumber, stringify } from 'lossless-json';
import { notEmulated } from '../refusal.ts';
import type { CopyOptions } from './copy-command.ts';
import type { TargetColumn } from './target-table.ts';
import { parseDate, parseTimestamp } from './times.ts';

/** A value of a JSON file; numbers keep their text. */
export type JsonValue =
  | null
  | undefined
  | boolean
  | string
  | LosslessNumber
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

interface FieldErrorOptions {
  readonly column?: TargetColumn | undefined;
  readonly position?: number;
  readonly rawValue?: string;
}

/** A field that cannot be loaded, with the code of facts 1.13. */
export class FieldError extends Error {
  readonly code: number;
  readonly column: TargetColumn | undefined;
  readonly position: number;
  readonly rawValue: string | undefined;

  constructor(code: number, message: string, { column, position = 0, rawValue }: FieldErrorOptions) {
    super(message);
    this.code = code;
    this.column = column;
    this.position = position;
    this.rawValue = rawValue;
  }
}

/** The value as text for the column, by COPY's rules (facts 1.5–1.8). @throws FieldError */
export function convert(value: JsonValue, column: TargetColumn, options: CopyOptions): string | null {
  const text = textOf(value);
  const converted = text === null ? null : convertText(text, column, options);
  if (converted === null && column.notNull) throw new FieldError(1213, 'Missing data for not-null field', { column });
  return converted;
}

// An object or array in a text column is loaded as it is written, braces included (facts 1.2).
function textOf(value: JsonValue): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value instanceof LosslessNumber) return value.value;
  return stringify(value) ?? null;
}

function convertText(text: string, column: TargetColumn, options: CopyOptions): string | null {
  const isText = column.type.startsWith('character');
  if (isText) return convertString(options.has('trimblanks') ? text.replace(/ +$/, '') : text, column, options);
  // Empty or blank text is NULL in every other type (facts 1.6).
  if (text.trim() === '') return null;
  const converter = converters[column.type];
  if (converter === undefined) throw notEmulated(`COPY JSON into a column of type ${column.type}`);
  return converter(text, column, options);
}

function convertString(text: string, column: TargetColumn, options: CopyOptions): string | null {
  if (text === '' && options.has('emptyasnull')) return null;
  if (/^\s+$/.test(text) && options.has('blanksasnull')) return null;
  const length = column.length ?? 0;
  const rawValue = text;
  if (column.type === 'character' && Buffer.byteLength(text) !== text.length) {
    const hex = Buffer.from(/\P{ASCII}/u.exec(text)?.[0] ?? '').toString('hex');
    throw new FieldError(
      1215,
      `Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: ${hex}`,
      { column, rawValue },
    );
  }
  if (Buffer.byteLength(text) <= length) return text;
  const trimmed = text.replace(/ +$/, '');
  if (Buffer.byteLength(trimmed) <= length) return cutBytes(text, length);
  if (options.has('truncatecolumns')) return cutBytes(text, length);
  throw new FieldError(1204, 'String length exceeds DDL length', { column, rawValue });
}

function cutBytes(text: string, bytes: number): string {
  let cut = '';
  let used = 0;
  for (const character of text) {
    used += Buffer.byteLength(character);
    if (used > bytes) break;
    cut += character;
  }
  return cut;
}

type Converter = (text: string, column: TargetColumn, options: CopyOptions) => string | null;

const converters: Readonly<Record<string, Converter>> = {
  smallint: (text, column) => integer(text, column, 'Short', 15n),
  integer: (text, column) => integer(text, column, 'Integer', 31n),
  bigint: (text, column) => integer(text, column, 'Long', 63n),
  'double precision': float,
  real: float,
  numeric: decimal,
  boolean: (text, column) => {
    const word = text.trim().toLowerCase();
    if (['t', 'true', 'y', 'yes', '1'].includes(word)) return 't';
    if (['f', 'false', 'n', 'no', '0'].includes(word)) return 'f';
    throw new FieldError(1210, 'Unknown boolean format', { column, rawValue: text });
  },
  date: (text, column, options) =>
    orAnyDate(parseDate(text, options.get('dateformat')), options, () => {
      return new FieldError(1205, 'Invalid Date Format - length must be 10 or more', { column, rawValue: text });
    }),
  'timestamp without time zone': (text, column, options) =>
    orAnyDate(parseTimestamp(text, options.get('timeformat')), options, () => {
      return new FieldError(1206, 'Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]', {
        column,
        rawValue: text,
      });
    }),
};

// Digits and a sign, nothing else: a point or an exponent is an invalid digit (facts 1.6).
function integer(text: string, column: TargetColumn, type: string, bits: bigint): string {
  const trimmed = text.trim();
  const sign = /^[+-]/.test(trimmed) ? 1 : 0;
  const bad = trimmed.slice(sign).search(/\D/);
  if (bad >= 0 || trimmed.length === sign) {
    const position = bad >= 0 ? bad + sign : 0;
    const found = `Invalid digit, Value '${trimmed[position] ?? ''}', Pos ${position}, Type: ${type}`;
    throw new FieldError(1207, found, { column, position, rawValue: text });
  }
  const value = BigInt(trimmed.replace('+', ''));
  if (value >= 2n ** bits || value < -(2n ** bits))
    throw new FieldError(1222, `Overflow, Value '${trimmed}', Type: ${type}`, { column, rawValue: text });
  return value.toString();
}

function float(text: string, column: TargetColumn): string {
  const trimmed = text.trim();
  const value = Number(trimmed);
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed);
  if (!isNumber || !Number.isFinite(value))
    throw new FieldError(1208, `Invalid floating point value '${trimmed}'`, { column, rawValue: text });
  return trimmed;
}

// Surplus digits are cut off, by ROUNDEC rounded (facts 1.6).
function decimal(text: string, column: TargetColumn, options: CopyOptions): string {
  const found = /^([+-]?)(\d*)\.?(\d*)$/.exec(text.trim());
  const [, sign = '', whole = '', fraction = ''] = found ?? [];
  if (found === null || whole + fraction === '')
    throw new FieldError(1209, `Invalid decimal value '${text}'`, { column, rawValue: text });
  const { precision, scale } = column;
  const digits = BigInt(`${whole}${fraction.slice(0, scale).padEnd(scale, '0')}`);
  const roundsUp = options.has('roundec') && (fraction[scale] ?? '0') >= '5';
  const unscaled = `${roundsUp ? digits + 1n : digits}`.padStart(scale + 1, '0');
  if (unscaled.replace(/^0+/, '').length > precision)
    throw new FieldError(1209, `Overflow for NUMERIC(${precision},${scale})`, { column, rawValue: text });
  const at = unscaled.length - scale;
  return `${sign}${unscaled.slice(0, at)}${scale > 0 ? `.${unscaled.slice(at)}` : ''}`;
}

// ACCEPTANYDATE makes a bad date NULL (facts 1.8).
function orAnyDate(parsed: string | undefined, options: CopyOptions, error: () => FieldError): string | null {
  if (parsed !== undefined) return parsed;
  if (options.has('acceptanydate')) return null;
  throw error();
}
