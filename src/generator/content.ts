/** What is written: text, which is stored in UTF-8, or bytes. */
export type Content = string | Uint8Array;

export function utf8Bytes(content: Content): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
}
