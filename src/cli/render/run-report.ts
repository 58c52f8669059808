import type { RunReport, SourceReport } from '../../pipeline/report.ts';
import { type Drift, describeDrift } from '../../quality/drift.ts';
import type { DuplicateCount } from '../../quality/duplicates.ts';
import { renderAnew } from './anew.ts';
import { renderChecks } from './checks.ts';
import { renderList } from './list.ts';
import { renderNothingNew } from './nothing-new.ts';
import { bytes, count, counted, duration, rate } from './numbers.ts';
import { printable } from './printable.ts';
import { type Paint, plain } from './style.ts';
import { renderTable } from './table.ts';
import { hasEmptied, renderEmptied, renderVanished } from './vanished.ts';

/** What a run did: how much it read, the balance of each source, the rows there are now, the checks, what is left to do. */
export function renderRunReport(report: RunReport, paint: Paint = plain): string {
  if (report.outcome === 'nothing new') return renderNothingNew(report, paint);
  const parts = [
    hasEmptied(report.objects) ? renderNothingLeft(report, paint) : renderSummary(report, paint),
    renderBalance(report.sources, paint),
    ...renderDuplicates(report.duplicates, paint),
    ...renderDrift(report.drift, paint),
    renderTables(report, paint),
    renderChecks(report.checks, paint, report.checked),
    ...renderUnreadable(report, paint),
    ...renderInterruption(report, paint),
    ...report.warnings.map((warning) => `${paint.yellow('⚠')} ${printable(warning)}`),
  ];
  return parts.join('\n\n');
}

function renderNothingLeft({ runId, root, objects, elapsedMs }: RunReport, paint: Paint): string {
  return `${renderEmptied(root, objects, paint)}\n  ${duration(elapsedMs)} · run ${runId}`;
}

function renderSummary(report: RunReport, paint: Paint): string {
  const { runId, root, sources, objects, rebuilt, elapsedMs } = report;
  const sum: Sum = (of) => sources.reduce((total, source) => total + of(source), 0);
  const read = sum((source) => source.objects);
  const notes = [
    `${read > 0 ? `${renderAmount(report, sum)} · ` : ''}run ${runId}`,
    ...renderVanished(objects),
    ...renderAnew(rebuilt),
  ];
  return [`${headline(report, read, paint)} ${root} in ${duration(elapsedMs)}`, ...notes].join('\n  ');
}

type Sum = (of: (source: SourceReport) => number) => number;

function renderAmount({ batches, elapsedMs }: RunReport, sum: Sum): string {
  const size = sum((source) => source.bytes);
  const lines = sum(({ linesRead }) => linesRead);
  const speed = rate(size, elapsedMs);
  const parts = [
    `${counted(lines, 'line')}, ${bytes(size)}`,
    speed && `at ${speed}`,
    batches > 1 && `in ${count(batches)} batches`,
  ];
  return parts.filter(Boolean).join(' ');
}

/** A run that read nothing may have had much to do: objects that vanished, tables that are computed otherwise. */
function headline({ unreadable, interrupted }: RunReport, objects: number, paint: Paint): string {
  const isWhole = unreadable.length === 0 && !interrupted;
  const sign = isWhole ? paint.green('✔') : paint.yellow('⚠');
  if (isWhole && objects === 0) return `${sign} ${paint.bold('Brought up to date')} with`;
  return `${sign} ${paint.bold(`Loaded ${counted(objects, 'object')}`)} from`;
}

function renderUnreadable({ unreadable }: RunReport, paint: Paint): string[] {
  return renderList(
    `${paint.red('✖')} ${counted(unreadable.length, 'object')} could not be read; the next run tries again`,
    unreadable.map(({ code, message, hint }) => {
      const advice = hint === undefined ? '' : `\n    ${paint.dim('→')} ${printable(hint)}`;
      return `${code} ${printable(message)}${advice}`;
    }),
  );
}

function renderInterruption({ interrupted, batches }: RunReport, paint: Paint): string[] {
  if (!interrupted) return [];
  return [
    `${paint.yellow('⚠')} Stopped as asked after ${counted(batches, 'batch', 'batches')}; the next run loads the rest.`,
  ];
}

/** read = loaded + rejected + blank */
function renderBalance(sources: readonly SourceReport[], paint: Paint): string {
  const columns = ['objects', 'read', '= loaded', '+ rejected', '+ blank'].map((head) => ({
    head,
    align: 'right' as const,
  }));
  const rows = sources.map(({ source, objects, linesRead, linesLoaded, linesRejected, linesBlank }) => [
    source,
    ...[objects, linesRead, linesLoaded].map(count),
    linesRejected > 0 ? paint.yellow(count(linesRejected)) : '0',
    count(linesBlank),
  ]);
  return renderTable([{ head: 'source' }, ...columns], rows, { paint });
}

function renderDuplicates(duplicates: readonly DuplicateCount[], paint: Paint): string[] {
  const found = duplicates.filter(({ lines, conflicts }) => lines > 0n || conflicts > 0n);
  const lines = found.map(({ table, lines: repeated, exact, conflicts, examples }) => {
    const same = exact > 0n ? ` (${count(exact)} of them the same in every column)` : '';
    const contradicting = conflicts > 0n ? `, ${counted(conflicts, 'key')} with lines that contradict each other` : '';
    return `${paint.yellow('⚠')} ${table}: ${counted(repeated, 'line')} delivered more than once${same}${contradicting}${listKeys(conflicts, examples)}`;
  });
  return lines.length === 0 ? [] : [lines.join('\n')];
}

/** The report names no more than the first keys that contradict themselves. */
function listKeys(conflicts: bigint, examples: DuplicateCount['examples']): string {
  if (examples.length === 0) return '';
  const keys = examples.map((key) =>
    Object.entries(key)
      .map(([name, value]) => `${name} ${printable(value)}`)
      .join(', '),
  );
  const more = conflicts - BigInt(examples.length);
  return `${keys.map((key) => `\n  - ${key}`).join('')}${more > 0n ? `\n  and ${count(more)} more` : ''}`;
}

const driftShown = 10;

function renderDrift(drift: readonly Drift[], paint: Paint): string[] {
  if (drift.length === 0) return [];
  const lines = drift.slice(0, driftShown).map((found) => `${paint.yellow('⚠')} ${printable(describeDrift(found))}`);
  const more = drift.length - driftShown;
  return [[...lines, ...(more > 0 ? [`  and ${count(more)} more in etl.drift`] : [])].join('\n')];
}

function renderTables({ tables }: RunReport, paint: Paint): string {
  const columns = ['rows', 'inserted', 'updated', 'deleted'].map((head) => ({ head, align: 'right' as const }));
  return renderTable(
    [{ head: 'table' }, ...columns],
    tables.map(({ table, rows, inserted, updated, deleted }) => [
      table,
      count(rows),
      ...[inserted, updated, deleted].map(count),
    ]),
    { paint },
  );
}
