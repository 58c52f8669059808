import { gzipSync } from 'node:zlib';
import type { Content } from './content.ts';

/** Byte 9 of the header names the operating system; 255 stands for an unknown one. */
const systemAt = 9;
const unknownSystem = 255;

/**
 * One member of a gzip file, whose members may follow each other. Without a time or an operating system in its header,
 * so that only another version of zlib would give other bytes.
 */
export function gzipMember(content: Content): Uint8Array {
  const member = gzipSync(content);
  member[systemAt] = unknownSystem;
  return member;
}
