import type { Content } from './content.ts';

const chunkLength = 1 << 20;

/** The lines with a newline between two of them, in chunks of about a megabyte; bytes are a chunk of their own. */
export function* inChunks(lines: Iterable<Content>): Generator<Content> {
  let chunk = '';
  let separator = '';
  for (const line of lines) {
    chunk += separator;
    separator = '\n';
    if (typeof line === 'string') chunk += line;
    if (typeof line === 'string' && chunk.length <= chunkLength) continue;
    if (chunk !== '') yield chunk;
    if (typeof line !== 'string') yield line;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
