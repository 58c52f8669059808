import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { roleOf } from '../src/engines/redshift/address.ts';
import { textLiteral } from '../src/sql/quote.ts';
import { type Answer, answerTo, type Refused, shownAnswer } from './answer.ts';
import type { Scene } from './scene.ts';

/** A COPY into a new temporary table, and what the table holds then. */
export interface Copied {
  readonly sent: readonly string[];
  readonly copy: Answer;
  /** Rows of the table. */
  readonly held: Answer;
}

export interface CopyJson {
  /** `a integer` */
  readonly columns: string;
  /** What one object holds. */
  readonly content: string;
  /** How keys find columns; an array of JSONPaths is put down as a file beside the object. Default 'auto'. */
  readonly json?: 'auto' | 'auto ignorecase' | readonly string[];
  /** Further words of COPY. */
  readonly options?: string;
}

/** Puts one object below the landing prefix, loads it, and takes it away again. */
export async function copyJson(scene: Scene, { columns, content, json = 'auto', options = '' }: CopyJson) {
  await confirmCopyWorks(scene);
  return copyOneObject(scene, { columns, content, json, options });
}

async function copyOneObject(scene: Scene, { columns, content, json, options }: Required<CopyJson>): Promise<Copied> {
  const { folder } = scene;
  const beginning = newFolder();
  const [key, paths] = [`${beginning}object.json`, `${beginning}paths/jsonpaths.json`];
  const jsonPaths = typeof json === 'string' ? undefined : JSON.stringify({ jsonpaths: json });
  try {
    await folder.put(key, content);
    if (jsonPaths !== undefined) await folder.put(paths, jsonPaths);
    const how = textLiteral(typeof json === 'string' ? json : folder.uriOf(paths));
    const format = `format json ${how} ${options}`.trim();
    const copied = await copyFrom(scene, { columns, uri: folder.uriOf(key), format });
    return { ...copied, sent: [...(jsonPaths ? [jsonPaths] : []), shortened(content), ...copied.sent] };
  } finally {
    await folder.remove(jsonPaths === undefined ? [key] : [key, paths]);
  }
}

export interface CopyFrom {
  /** Of the table, in its order. */
  readonly columns: string;
  /** Which of them the file fills, in its order: `(a, b)`. Default: all, without a list. */
  readonly list?: string;
  /** A key, the beginning of keys, or a manifest. */
  readonly uri: string;
  readonly format: string;
}

export async function copyFrom(scene: Scene, { columns, list = '', uri, format }: CopyFrom): Promise<Copied> {
  const table = `smoke_${randomBytes(4).toString('hex')}`;
  await scene.connection.ask(`create temp table ${table} (${columns})`);
  const role = roleOf(scene.address);
  const from = textLiteral(uri, { backslashEscapes: true });
  const copy =
    `copy ${table} ${list} from ${from} iam_role ${role === 'default' ? role : textLiteral(role)} ${format}`.replace(
      '  ',
      ' ',
    );
  const held = `select * from ${table}`;
  const answer = await answerTo(scene.connection, copy);
  return {
    sent: [copy, held],
    copy: answer.kind === 'refused' ? await withLoadError(scene, answer, uri) : answer,
    held: await answerTo(scene.connection, held),
  };
}

/** How often the table of load errors is looked into, and how long after each other: they come late (facts 1.13). */
const [looks, pauseMs] = [5, 3_000];

/** A refusal that points to the table of load errors, with what stands there. */
async function withLoadError({ connection }: Scene, refused: Refused, uri: string): Promise<Refused> {
  if (!/load_error/.test(refused.reason)) return refused;
  const folder = textLiteral(`${uri.slice(0, uri.lastIndexOf('/') + 1)}%`);
  const sql = `select error_code, trim(error_message) from sys_load_error_detail where file_name like ${folder}`;
  for (let look = 1; ; look += 1) {
    const error = await answerTo(connection, sql);
    if (error.kind === 'refused') return refused;
    if (error.rows.length > 0) return { ...refused, reason: `${refused.reason} ${shownAnswer(error)}` };
    if (look === looks) return refused;
    await wait(pauseMs);
  }
}

/** A part of a key that was never used. */
export function newFolder(): string {
  return `smoke/${randomBytes(8).toString('hex')}/`;
}

/** For the report: what was loaded, or why not. */
export function shownCopy({ copy, held }: Copied): string {
  if (copy.kind === 'refused') return shownAnswer(copy);
  return held.kind === 'rows' && held.rows.length === 0 ? 'nothing was loaded' : `loaded: ${shownAnswer(held)}`;
}

const working = new WeakMap<Scene, Promise<void>>();

/** A refusal says something about what was sent only where an ordinary object is loaded. */
export function confirmCopyWorks(scene: Scene): Promise<void> {
  const known = working.get(scene) ?? loadOrdinaryObject(scene);
  working.set(scene, known);
  return known;
}

async function loadOrdinaryObject(scene: Scene): Promise<void> {
  const copied = await copyOneObject(scene, { columns: 'a integer', content: '{"a": 1}', json: 'auto', options: '' });
  if (copied.copy.kind === 'refused') throw new Error(`COPY loads no ordinary object: ${copied.copy.reason}`);
}

function shortened(content: string): string {
  const mark = content.startsWith('\ufeff') ? '(U+FEFF) ' : '';
  const text = content.replace('\ufeff', '');
  return `${mark}${text.length > 200 ? `${text.slice(0, 40)}… (${Buffer.byteLength(content)} bytes)` : text}`;
}
