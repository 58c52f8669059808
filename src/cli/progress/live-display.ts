import { Listr, ListrDefaultRendererLogLevels } from 'listr2';
import type { Output } from '../effects.ts';
import { duration } from '../render/numbers.ts';
import { cut, padded, printable } from '../render/printable.ts';
import { type Paint, paintFor } from '../render/style.ts';
import type { Display, StageEvent } from './stage-event.ts';

/** The part of a listr2 line that is drawn anew. */
interface Line {
  title: string | undefined;
  output: string | undefined;
  skip(message?: string): void;
}

type Ending = 'finished' | 'skipped' | 'failed';

/** One stage: what is to be drawn, and the promise listr2 waits for. */
interface Row {
  readonly stage: string;
  readonly ended: Promise<Ending>;
  readonly end: (how: Ending) => void;
  started: boolean;
  line: Line | undefined;
  title: string;
  output: string;
}

/**
 * The stages drawn live by listr2, which starts with the first event, so that an early failure draws nothing. A stage
 * that starts a second time, with the next batch, starts new lines.
 */
export function liveDisplay({ width = 80, colour }: Output, stages: readonly string[]): Display {
  const paint = paintFor(colour);
  const nameWidth = Math.max(...stages.map(({ length }) => length));
  const rowsFrom = (first: number) => stages.slice(first).map((stage) => newRow(stage, padded(stage, nameWidth)));
  let rows = rowsFrom(0);
  let drawing: Promise<unknown> | undefined;
  return {
    observe: (event) => {
      drawing ??= draw(rows);
      if (event.kind === 'started' && rows.some(({ stage, started }) => started && stage === event.stage)) {
        for (const row of rows) row.end('skipped');
        const next = rowsFrom(stages.indexOf(event.stage));
        rows = next;
        drawing = drawing.then(() => draw(next));
      }
      const row = rows.find(({ stage }) => stage === event.stage);
      if (row) update(row, event, padded(event.stage, nameWidth), { width: width - 4, paint });
    },
    end: async (outcome) => {
      for (const row of rows) row.end(outcome === 'failed' && row.started ? 'failed' : 'skipped');
      await drawing;
    },
  };
}

function newRow(stage: string, title: string): Row {
  let end: Row['end'] = () => {};
  const ended = new Promise<Ending>((resolve) => {
    end = resolve;
  });
  return { stage, ended, end, started: false, line: undefined, title, output: '' };
}

const notNeeded = ListrDefaultRendererLogLevels.SKIPPED_WITHOUT_COLLAPSE;

function draw(rows: readonly Row[]): Promise<unknown> {
  const lines = rows.map((row) => ({ title: row.title, task: (_: unknown, line: Line) => drawRow(row, line) }));
  return new Listr(lines, {
    exitOnError: true,
    registerSignalListeners: false,
    rendererOptions: {
      showErrorMessage: false,
      collapseErrors: false,
      showSkipMessage: false,
      collapseSkips: false,
      // listr2 warns of what it skips; that a stage was not needed is no warning.
      icon: { [notNeeded]: '·' },
      color: { [notNeeded]: (text) => text ?? '' },
    },
  })
    .run()
    .catch(() => {});
}

async function drawRow(row: Row, line: Line): Promise<void> {
  row.line = line;
  show(row);
  const ending = await row.ended;
  if (ending === 'skipped') line.skip(row.title);
  // Drawn as failed by listr2; what went wrong is told by whoever awaits the work.
  if (ending === 'failed') throw new Error(row.stage);
}

function update(row: Row, event: StageEvent, name: string, look: { width: number; paint: Paint }): void {
  if (event.kind === 'progress') row.output = progressText(event.detail, event.share, look.width);
  else row.title = `${name}  ${titleText(event, look)}`;
  row.started = true;
  show(row);
  if (event.kind === 'finished') row.end('finished');
}

function show({ line, title, output }: Row): void {
  if (!line) return;
  line.title = title;
  line.output = output;
}

function titleText(
  event: Exclude<StageEvent, { kind: 'progress' }>,
  { width, paint }: { width: number; paint: Paint },
): string {
  const detail = cut(printable(event.detail), width - 24);
  return event.kind === 'started' ? paint.dim(detail) : `${detail} ${paint.dim(duration(event.elapsedMs))}`;
}

const barWidth = 24;

/** `██████░░░░  42 % songs` */
export function progressText(detail: string, share: number, width: number): string {
  const bounded = Math.min(1, Math.max(0, share));
  const full = Math.round(bounded * barWidth);
  const percent = `${Math.floor(bounded * 100)} %`.padStart(5);
  return cut(`${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${percent} ${printable(detail)}`, width);
}
