import type { Content, WholeContent } from './content.ts';
import type { Limits } from './limits.ts';
import { isBlank, markLength, splitLines } from './lines.ts';
import type { FileObject } from './prepare.ts';
import type { RawPath } from './raw-path.ts';
import { linesAt } from './scan.ts';
import type { Tally } from './tally.ts';

/** Lines between two looks at whether there are enough for a statement. */
const sliceBytes = 1024 * 1024;

/** Hands every line of an object over, and counts them. */
export async function addAllLines(raw: RawPath, tally: Tally, content: Content, limits: Limits): Promise<void> {
  const counts = await eachLine(content, limits, raw.flushWhenFull, (number, bytes, lineBytes) => {
    raw.add(tally, number, bytes, lineBytes);
  });
  tally.linesRead = counts.lines;
  tally.linesBlank = counts.blankLines;
}

/** Hands some lines of a file over: those with these ordinals (ascending, from 0) among the lines that are not blank. */
export async function addSomeLines(raw: RawPath, file: FileObject, ordinals: readonly number[]): Promise<void> {
  for await (const [{ number, start, end }, bytes] of file.read(linesAt(ordinals, file.scan))) {
    const mark = number === 1 ? markLength(bytes, 0) : 0;
    raw.add(file.tally, number, bytes.subarray(mark), end - start - mark);
    await raw.flushWhenFull();
  }
}

/** Hands an object over that is one line as a whole. */
export async function addObject(raw: RawPath, tally: Tally, content: WholeContent): Promise<void> {
  const { bytes, contentBytes } = content;
  tally.linesRead = contentBytes === 0 ? 0 : 1;
  tally.linesBlank = content.isBlank ? tally.linesRead : 0;
  const mark = markLength(bytes, 0);
  if (tally.linesRead > tally.linesBlank) raw.add(tally, 1, bytes.subarray(mark), contentBytes - mark);
  await raw.flushWhenFull();
}

type OnContentLine = (number: number, bytes: Buffer, lineBytes: number) => void;

/** Calls back for each line that is not blank, in order, without the byte order mark that an object may begin with. */
async function eachLine(
  content: Content,
  { lineBytes: limit }: Limits,
  pause: () => Promise<void>,
  onLine: OnContentLine,
) {
  const counts = { lines: 0, blankLines: 0 };
  const splitter = splitLines(limit, (bytes, begin, end, lineBytes) => {
    const mark = counts.lines++ === 0 ? markLength(bytes, begin) : 0;
    const start = begin + mark;
    if (lineBytes <= limit && isBlank(bytes, start, end)) counts.blankLines++;
    else onLine(counts.lines, bytes.subarray(start, end), lineBytes - mark);
  });
  for await (const chunk of content()) {
    for (let at = 0; at < chunk.length; at += sliceBytes) {
      splitter.add(chunk.subarray(at, at + sliceBytes));
      await pause();
    }
  }
  splitter.end();
  await pause();
  return counts;
}
