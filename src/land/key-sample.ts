import { isUtf8 } from 'node:buffer';
import { shownPath } from './json-path.ts';
import type { KeyTree } from './key-tree.ts';
import { hasShape, type LineShape, lineShape } from './line-shape.ts';
import { skipSpace } from './lines.ts';

/** The types of JSON values. null is none: it tells nothing of what a key holds. */
export type JsonType = 'array' | 'boolean' | 'number' | 'object' | 'string';

/** What the sampled lines have under one key. */
export interface SampledKey {
  /** Whether a column is filled from it, or from a key inside it. */
  readonly isRead: boolean;
  /** Lines that have it, with null too. */
  readonly lines: number;
  /** An object that has it. */
  readonly uri: string;
  /** The types of its values, each with an object that has it so. */
  readonly types: ReadonlyMap<JsonType, string>;
}

/** The keys of the first lines of some objects. */
export interface KeySample {
  /** Sampled lines that are JSON objects; others tell nothing of keys. */
  readonly lines: number;
  /** By their paths as people write them (`$.key`): those on top and those beside keys that columns are filled from. */
  readonly keys: ReadonlyMap<string, SampledKey>;
}

export interface KeyCollector {
  /** Takes the keys of the line `bytes[start…end)`, if that is a JSON object. */
  add(bytes: Buffer, start: number, end: number, uri: string): void;
  sample(): KeySample;
}

/** A sample takes no more keys than this: where keys are data (dates, ids) there is no end of them. */
export const mostKeys = 1_000;
/** Lines are compared with so many shapes before they are parsed. */
const mostShapes = 4;

export const emptySample: KeySample = Object.freeze({ lines: 0, keys: new Map() });

/** @param read the keys that columns are filled from; other keys are not looked into */
export function collectKeys(read: KeyTree): KeyCollector {
  const tree = newTree(read);
  const shapes = new Map<string, KnownShape>();
  let parsedLines = 0;
  return {
    add: (bytes, start, end, uri) => {
      for (const known of shapes.values()) {
        if (!hasShape(known.shape, bytes, start, end)) continue;
        known.lines++;
        return;
      }
      const object = objectOf(bytes.subarray(start, end));
      if (!object) return;
      parsedLines++;
      tree.add(object, uri);
      learnShape(object, tree.top, shapes);
    },
    sample: () => sampleOf(tree.all, [...shapes.values()], parsedLines),
  };
}

/** A shape with the keys of its lines, and how many lines had it. */
interface KnownShape {
  readonly shape: LineShape;
  readonly nodes: readonly Node[];
  lines: number;
}

/** Lets further lines like this one be known without parsing them. */
function learnShape(object: object, top: Level, shapes: Map<string, KnownShape>): void {
  const id = JSON.stringify(Object.keys(object));
  const before = shapes.get(id);
  if (!before && shapes.size === mostShapes) return;
  // No line with an object or an array has a shape.
  if (Object.values(object).some((value) => typeof value === 'object' && value !== null)) return;
  const nodes = Object.keys(object).flatMap((key) => top.get(key) ?? []);
  const shape = lineShape(nodes.map(({ path, types }) => [path.join(), types.keys()]));
  shapes.set(id, { shape, nodes, lines: before?.lines ?? 0 });
}

function sampleOf(all: readonly Node[], shapes: readonly KnownShape[], parsedLines: number): KeySample {
  const linesOf = new Map(all.map((node) => [node, node.lines]));
  for (const { nodes, lines } of shapes) for (const node of nodes) linesOf.set(node, (linesOf.get(node) ?? 0) + lines);
  return {
    lines: shapes.reduce((sum, { lines }) => sum + lines, parsedLines),
    keys: addedUp(
      all.map((node) => {
        const { isRead, uri, types } = node;
        return [shownPath(node.path), { isRead, uri, types, lines: linesOf.get(node) ?? 0 }];
      }),
    ),
  };
}

/** Adds samples up; of objects that show the same, those of the first sample are named. */
export function mergeSamples(samples: readonly KeySample[]): KeySample {
  return {
    lines: samples.reduce((sum, sample) => sum + sample.lines, 0),
    keys: addedUp(samples.flatMap(({ keys }) => [...keys])),
  };
}

function addedUp(keys: readonly (readonly [path: string, key: SampledKey])[]): ReadonlyMap<string, SampledKey> {
  const sums = new Map<string, SampledKey>();
  for (const [path, key] of keys) {
    const before = sums.get(path);
    if (before || sums.size < mostKeys) sums.set(path, before ? both(before, key) : key);
  }
  return sums;
}

function both(first: SampledKey, second: SampledKey): SampledKey {
  return {
    isRead: first.isRead || second.isRead,
    lines: first.lines + second.lines,
    uri: first.uri,
    types: new Map([...second.types, ...first.types]),
  };
}

type Level = Map<string, Node>;

interface Node extends SampledKey {
  readonly path: readonly string[];
  readonly types: Map<JsonType, string>;
  /** The keys that are read from inside its value, if any are. */
  readonly read: KeyTree | undefined;
  readonly below: Level;
  /** Those that were parsed. */
  lines: number;
}

/** The keys found so far, as nested as those that are read. */
function newTree(read: KeyTree) {
  const top: Level = new Map();
  const all: Node[] = [];
  const nodeOf = (level: Level, path: readonly string[], key: string, tree: KeyTree, uri: string) => {
    const found = level.get(key);
    if (found || all.length === mostKeys) return found;
    const node = newNode([...path, key], tree.get(key), uri);
    level.set(key, node);
    all.push(node);
    return node;
  };
  const addLevel = (object: object, level: Level, path: readonly string[], tree: KeyTree, uri: string) => {
    for (const [key, value] of Object.entries(object)) {
      const node = nodeOf(level, path, key, tree, uri);
      if (!node) continue;
      node.lines++;
      const type = typeOf(value);
      if (type !== undefined && !node.types.has(type)) node.types.set(type, uri);
      if (node.read && type === 'object') addLevel(value, node.below, node.path, node.read, uri);
    }
  };
  return { top, all, add: (object: object, uri: string) => addLevel(object, top, [], read, uri) };
}

function newNode(path: readonly string[], read: KeyTree | 'leaf' | undefined, uri: string): Node {
  return {
    path,
    isRead: read !== undefined,
    lines: 0,
    uri,
    types: new Map(),
    read: read === 'leaf' ? undefined : read,
    below: new Map(),
  };
}

const openingBrace = 0x7b;

function objectOf(line: Buffer): object | undefined {
  // A look at the first byte saves what an exception costs, on lines that are anything else.
  if (line[skipSpace(line, 0, line.length)] !== openingBrace || !isUtf8(line)) return undefined;
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    return undefined;
  }
}

function typeOf(value: unknown): JsonType | undefined {
  if (value === null) return undefined;
  return Array.isArray(value) ? 'array' : (typeof value as JsonType);
}
