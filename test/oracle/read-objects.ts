import { gunzipSync } from 'node:zlib';

/** An object of the bucket: its key below the root, and the content of its last version. */
export interface BucketObject {
  readonly key: string;
  readonly content: Buffer | string;
  /** The object was there once and is not any more. */
  readonly vanished?: boolean;
}

/** A line of an object: the value JSON gives, or undefined where it is no object. */
export interface Line {
  readonly fields: Readonly<Record<string, unknown>> | undefined;
  readonly isBlank: boolean;
  readonly isVanished: boolean;
}

/** A number as it was written: JSON.parse would lose the difference between 1000 and 1e3, and digits beyond 2^53. */
export class WrittenNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** §1: events stand in `log_data/`, "one JSON object a line". */
export function eventLines(objects: readonly BucketObject[]): readonly Line[] {
  return objectsIn(objects, 'log_data/').flatMap((object) =>
    linesOf(bytesOf(object)).map((line) => read(line, object)),
  );
}

/** §3: "The song source is framed by object: newlines inside are blanks." */
export function songLines(objects: readonly BucketObject[]): readonly Line[] {
  return objectsIn(objects, 'song_data/')
    .filter((object) => bytesOf(object).length > 0)
    .map((object) => read(bytesOf(object), object));
}

/** §1: "element i fills column i of staging_events"; the eighteen usual fields when the bucket has no such file. */
export function eventFields(objects: readonly BucketObject[]): readonly string[] {
  const file = objects.find(({ key }) => key === 'log_json_path.json');
  if (file === undefined) return usualFields;
  const { jsonpaths }: { jsonpaths: readonly string[] } = JSON.parse(bytesOf(file).toString('utf8'));
  return jsonpaths.map((path) => path.replace(/^\$\['(.*)'\]$/, '$1'));
}

const usualFields = [
  ...['artist', 'auth', 'firstName', 'gender', 'itemInSession', 'lastName', 'length', 'level', 'location'],
  ...['method', 'page', 'registration', 'sessionId', 'song', 'status', 'ts', 'userAgent', 'userId'],
];

function objectsIn(objects: readonly BucketObject[], folder: string): readonly BucketObject[] {
  return objects.filter(({ key }) => key.startsWith(folder) && /\.json(\.gz)?$/.test(key));
}

function bytesOf({ key, content }: BucketObject): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  return key.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** What stands between newlines; nothing stands behind the last one of a file that ends with it. */
function linesOf(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

function read(bytes: Buffer, { vanished = false }: BucketObject): Line {
  const isBlank = /^[ \t\r\n]*$/.test(bytes.toString('latin1'));
  return { isBlank, isVanished: vanished, fields: isBlank ? undefined : parsed(bytes) };
}

/** §3: "broken JSON, a line that is no object, invalid UTF-8" is a reject. */
function parsed(bytes: Buffer): Line['fields'] {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(withMarkedNumbers(text), (_, member) => unmarked(member));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof WrittenNumber);
}

/** Puts `{"#number":"…"}` in place of each number outside of strings; what is no JSON number stays, and fails. */
function withMarkedNumbers(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(token) ? `{"#number":"${token}"}` : token,
  );
}

function unmarked(member: unknown): unknown {
  if (typeof member !== 'object' || member === null || !('#number' in member)) return member;
  return new WrittenNumber(String(member['#number']));
}
