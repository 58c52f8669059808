import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BucketObject } from '../oracle/read-objects.ts';

const paths = [
  'artist',
  'auth',
  'firstName',
  'gender',
  'itemInSession',
  'lastName',
  'length',
  'level',
  'location',
  'method',
  'page',
  'registration',
  'sessionId',
  'song',
  'status',
  'ts',
  'userAgent',
  'userId',
];

/** The JSONPaths file every bucket of events needs. */
export const jsonPathsObject: BucketObject = {
  key: 'log_json_path.json',
  content: JSON.stringify({ jsonpaths: paths.map((path) => `$['${path}']`) }),
};

/** Writes objects below a folder, with the JSONPaths file beside them; existing ones are replaced. */
export function writeBucket(root: string, objects: readonly BucketObject[]): void {
  for (const { key, content } of [jsonPathsObject, ...objects]) {
    const path = join(root, key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}
