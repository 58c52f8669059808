import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { jsonPathsObject } from '../../support/bucket.ts';
import { bytesOf, type Step } from './step.ts';

export type BucketStep = Exclude<Step, { kind: 'run' | 'revise' }>;

/** A bucket in a folder, and what its readable objects hold. */
export interface Bucket {
  /** By key; inflated where the object is compressed. */
  readonly present: ReadonlyMap<string, Buffer>;
  change(step: BucketStep): void;
  /** Puts another JSONPaths file in its place. */
  map(jsonPaths: string): void;
}

const newline = Buffer.from('\n');

/** Makes steps happen to a folder. Times are set, so that no change hides in the coarseness of a clock. */
export function openBucket(root: string): Bucket {
  const present = new Map<string, Buffer>();
  const damaged = new Set<string>();
  let clock = 1_700_000_000;
  write(jsonPathsObject.key, jsonPathsObject.content);
  return { present, change, map: (jsonPaths) => write(jsonPathsObject.key, jsonPaths) };

  function change(step: BucketStep): void {
    const content = present.get(step.key);
    if (step.kind === 'put') put(step.key, joined(step.lines, step.lines.length % 2 === 0));
    else if (step.kind === 'remove' && (content ?? damaged.has(step.key))) take(step.key);
    else if (content !== undefined) changeContent(step, content);
  }

  function changeContent(step: BucketStep, content: Buffer): void {
    if (step.kind === 'grow') put(step.key, grown(content, step.lines));
    if (step.kind === 'shrink') put(step.key, content.subarray(0, Math.max(0, content.indexOf(newline))));
    if (step.kind === 'touch') touch(step.key);
    if (step.kind === 'damage') damage(step.key, content);
    if (step.kind === 'copy') put(step.to, content);
    if (step.kind === 'rename' && step.key !== step.to) {
      take(step.key);
      put(step.to, content);
    }
  }

  function put(key: string, content: Buffer): void {
    present.set(key, content);
    damaged.delete(key);
    write(key, key.endsWith('.gz') ? gzipSync(content) : content);
  }

  /** Nobody can read it any more; what it was before is what was observed of it. */
  function damage(key: string, content: Buffer): void {
    present.delete(key);
    damaged.add(key);
    write(key, gzipSync(content).subarray(0, -6));
  }

  function take(key: string): void {
    present.delete(key);
    damaged.delete(key);
    rmSync(join(root, key));
  }

  function write(key: string, content: string | Buffer): void {
    const path = join(root, key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    touch(key);
  }

  function touch(key: string): void {
    clock += 1;
    utimesSync(join(root, key), clock, clock);
  }
}

/** Lines at the end, half of the time on a line of their own where the last one has no newline, else as more of it. */
function grown(content: Buffer, lines: readonly string[]): Buffer {
  const isOpen = content.length > 0 && content.at(-1) !== newline[0];
  return Buffer.concat([content, ...(isOpen && lines.length % 2 === 1 ? [newline] : []), joined(lines, true)]);
}

function joined(lines: readonly string[], endsWithNewline: boolean): Buffer {
  return bytesOf(lines.join('\n') + (endsWithNewline && lines.length > 0 ? '\n' : ''));
}
