import type { FirstOf, RecentRun, SourceTotals, UnreadObject } from '../../ledger/read-status.ts';
import { renderList } from './list.ts';
import { bytes, count, counted, duration } from './numbers.ts';
import { cut, printable } from './printable.ts';
import { type Paint, plain } from './style.ts';
import { renderTable, type TableOptions } from './table.ts';

export interface StatusReport {
  /** Newest first. */
  readonly runs: readonly RecentRun[];
  readonly roots: readonly string[];
  readonly sources: readonly SourceTotals[];
  /** Of the last run. */
  readonly unreadable: FirstOf<UnreadObject>;
  readonly vanished: FirstOf<{ readonly uri: string }>;
}

/** How the last run ended, what is loaded of each source and from where, what is missing, and the runs before. */
export function renderStatus(status: StatusReport, { width, paint = plain }: TableOptions = {}): string {
  const { runs, roots, sources, unreadable, vanished } = status;
  const parts = [
    lastRun(runs[0], paint),
    renderSources(sources, { width, paint }),
    ...renderList('Loaded from', roots.map(printable)),
    ...renderList(
      `${counted(unreadable.total, 'object')} that the last run could not read`,
      unreadable.first.map(({ errorCode, errorMessage }) => `${errorCode} ${printable(firstOf(errorMessage))}`),
      unreadable.total,
    ),
    ...renderList(
      `${counted(vanished.total, 'object')} vanished from the root, whose rows stay`,
      vanished.first.map(({ uri }) => printable(uri)),
      vanished.total,
    ),
    renderRuns(runs, { width, paint }),
  ];
  return parts.join('\n\n');
}

function lastRun(run: RecentRun | undefined, paint: Paint): string {
  if (!run) return 'No run yet.';
  const why = run.errorCode === null ? '' : `\n  ${run.errorCode} ${printable(firstOf(run.errorMessage ?? ''))}`;
  const unread = run.unreadable === 0 ? '' : `; ${counted(run.unreadable, 'object')} could not be read`;
  return `${stateSign(run, paint)} Last run ${run.state}, ${run.startedAt.slice(0, 19)} UTC${unread}${why}`;
}

/** The first line of a message; where it announces a list, with the first item of it. */
function firstOf(message: string): string {
  const [line = '', item, ...more] = message.split('\n');
  if (!line.endsWith(':')) return line;
  if (item === undefined) return line.slice(0, -1);
  return `${line} ${item.replace(/^ +- /, '')}${more.length > 0 ? ' …' : ''}`;
}

/** As its run told it: what could not be read makes a run that is done incomplete. */
function stateSign({ state, unreadable }: RecentRun, paint: Paint): string {
  if (state === 'done') return unreadable === 0 ? paint.green('✔') : paint.yellow('⚠');
  return state === 'running' ? paint.yellow('…') : paint.red('✖');
}

function renderSources(sources: readonly SourceTotals[], options: TableOptions): string {
  const numeric = ['objects', 'vanished', 'size', 'lines read', '= loaded', '+ rejected', '+ blank'];
  const columns = [{ head: 'source' }, ...numeric.map((head) => ({ head, align: 'right' as const }))];
  const rows = sources.map((source) => [
    source.source,
    count(source.objects),
    count(source.vanished),
    bytes(Number(source.bytes)),
    ...[source.linesRead, source.linesLoaded, source.linesRejected, source.linesBlank].map(count),
  ]);
  return renderTable(columns, rows, options);
}

function renderRuns(runs: readonly RecentRun[], options: TableOptions): string {
  const columns = [
    { head: 'run' },
    { head: 'state' },
    { head: 'started (UTC)' },
    { head: 'took', align: 'right' },
    { head: 'error' },
    { head: 'root' },
  ] as const;
  const rows = runs.map(({ runId, state, startedAt, elapsedMs, unreadable, errorCode, root }) => [
    runId,
    state,
    startedAt.slice(0, 19),
    elapsedMs === null ? '' : duration(elapsedMs),
    errorCode ?? (unreadable === 0 ? '' : `${count(unreadable)} unreadable`),
    cut(printable(root), 60),
  ]);
  return renderTable(columns, rows, options);
}
