import type { Limits } from './limits.ts';
import { markLength, splitLines } from './lines.ts';

export interface LineSampler {
  /** Takes the next chunk of the object; it is valid during the call only. */
  add(chunk: Buffer): void;
  /** Ends the object. */
  end(): void;
}

/** Calls back for the first lines of a line-framed object, without its byte order mark; bytes are valid during the call. */
export function sampleLines(
  { sampleLines: mostLines, sampleBytes }: Pick<Limits, 'sampleLines' | 'sampleBytes'>,
  onLine: (bytes: Buffer, start: number, end: number) => void,
): LineSampler {
  let lines = 0;
  let bytesLeft = sampleBytes;
  const isDone = () => lines >= mostLines || bytesLeft < 0;
  const splitter = splitLines(sampleBytes, (bytes, begin, end, lineBytes) => {
    if (isDone()) return;
    const start = begin + (lines === 0 ? markLength(bytes, begin) : 0);
    lines++;
    bytesLeft -= lineBytes;
    if (bytesLeft >= 0) onLine(bytes, start, end);
  });
  return {
    add: (chunk) => {
      if (!isDone()) splitter.add(chunk);
    },
    end: () => splitter.end(),
  };
}
