import { z } from 'zod';
import { nodeError, Refusal } from '../refusal.ts';
import { type BucketAccess, parseAddress } from './bucket-access.ts';
import type { CopyCommand } from './copy-command.ts';
import { CopyFailure } from './load-error.ts';

/** A file of a COPY, with its bytes. */
export interface SourceFile {
  readonly url: string;
  readonly bytes: Buffer;
}

/** The files a COPY loads, in the order they are read: by a manifest, or all below the prefix (facts 1.10). */
export async function readSourceFiles(command: CopyCommand, buckets: BucketAccess): Promise<SourceFile[]> {
  return command.options.has('manifest') ? readManifest(command, buckets) : readPrefix(command, buckets);
}

async function readPrefix({ from, format }: CopyCommand, buckets: BucketAccess): Promise<SourceFile[]> {
  const { bucket, key } = parseAddress(from);
  const files: SourceFile[] = [];
  for (const found of await buckets.list(bucket, key)) {
    const bytes = await buckets.get(bucket, found);
    if (bytes !== undefined) files.push({ url: `s3://${bucket}/${found}`, bytes });
  }
  // Parquet under a prefix that matches nothing loads nothing, without an error (facts 1.10).
  if (files.length === 0 && format === 'json')
    throw new Refusal('XX000', `The specified S3 prefix '${key}' does not exist`);
  return files;
}

const manifestShape = z.object({
  entries: z.array(
    z.object({
      url: z.string(),
      mandatory: z.boolean().default(false),
      meta: z.object({ content_length: z.number() }).optional(),
    }),
  ),
});

async function readManifest({ from, format }: CopyCommand, buckets: BucketAccess): Promise<SourceFile[]> {
  const { bucket, key } = parseAddress(from);
  const text = key === '' || key.endsWith('/') ? undefined : await buckets.get(bucket, key);
  if (text === undefined)
    throw nodeError(
      8001,
      'COPY with MANIFEST parameter requires full path of an S3 object.',
      `S3 key being read : ${key}`,
    );
  const { entries } = parseManifest(text, from);
  const files: SourceFile[] = [];
  for (const { url, mandatory, meta } of entries) {
    if (format === 'parquet' && meta === undefined)
      throw nodeError(15003, "File entry does not have 'meta' key", `manifest ${from}, entry ${url}`);
    const address = parseAddress(url);
    const bytes = await buckets.get(address.bucket, address.key);
    if (bytes !== undefined) files.push({ url, bytes: checkLength(bytes, meta?.content_length, url, format) });
    else if (mandatory) throw missing(url, format);
  }
  if (files.length === 0) throw new Refusal('XX000', `No file of the manifest ${from} was found`);
  return files;
}

function parseManifest(text: Buffer, url: string): z.infer<typeof manifestShape> {
  try {
    return manifestShape.parse(JSON.parse(text.toString('utf8')));
  } catch {
    throw nodeError(8001, 'Manifest file is not in correct json format', `manifest ${url}`);
  }
}

// Documented for columnar files alone; for JSON it is left open whether the length is looked at (facts 8.10).
function checkLength(bytes: Buffer, length: number | undefined, url: string, format: string): Buffer {
  if (format === 'parquet' && length !== bytes.length)
    throw nodeError(
      15001,
      'Spectrum Scan Error',
      `content_length ${length} of ${url} is not the size of the file, ${bytes.length}`,
    );
  return bytes;
}

function missing(url: string, format: 'json' | 'parquet'): Refusal | CopyFailure {
  if (format === 'parquet') return nodeError(15007, 'Spectrum Scan Error', `File not found ${url}`);
  return new CopyFailure([{ code: 1212, reason: 'Load file was not found', file: url, line: 0 }]);
}
