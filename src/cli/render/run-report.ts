import type { RunReport, SourceReport } from '../../pipeline/report.ts';
import type { DuplicateCount } from '../../quality/duplicates.ts';
import { renderChecks } from './checks.ts';
import { renderNothingNew } from './nothing-new.ts';
import { bytes, count, counted, duration, rate } from './numbers.ts';
import { printable } from './printable.ts';
import { type Paint, plain } from './style.ts';
import { renderTable } from './table.ts';
import { hasEmptied, renderEmptied, renderVanished } from './vanished.ts';

/** What a run did: how much it read, the balance of each source, the rows there are now, the checks. */
export function renderRunReport(report: RunReport, paint: Paint = plain): string {
  if (report.outcome === 'nothing new') return renderNothingNew(report, paint);
  const parts = [
    hasEmptied(report.objects) ? renderNothingLeft(report, paint) : renderSummary(report, paint),
    renderBalance(report.sources, paint),
    ...renderDuplicates(report.duplicates, paint),
    renderTables(report, paint),
    renderChecks(report.checks, paint),
    ...renderUnreadable(report, paint),
    ...(report.interrupted
      ? [
          `${paint.yellow('⚠')} Stopped as asked after ${counted(report.batches, 'batch', 'batches')}; the next run loads the rest.`,
        ]
      : []),
    ...report.warnings.map((warning) => `${paint.yellow('⚠')} ${printable(warning)}`),
  ];
  return parts.join('\n\n');
}

function renderUnreadable({ unreadable }: RunReport, paint: Paint): string[] {
  if (unreadable.length === 0) return [];
  const list = unreadable.slice(0, 10).map(({ code, message }) => `\n  - ${code} ${printable(message)}`);
  const more = unreadable.length > 10 ? `\n  and ${count(unreadable.length - 10)} more` : '';
  return [
    `${paint.red('✖')} ${counted(unreadable.length, 'object')} could not be read; the next run tries again:${list.join('')}${more}`,
  ];
}

function renderNothingLeft({ runId, root, objects, elapsedMs }: RunReport, paint: Paint): string {
  return `${renderEmptied(root, objects, paint)}\n  ${duration(elapsedMs)} · run ${runId}`;
}

function renderSummary({ runId, root, sources, objects, elapsedMs }: RunReport, paint: Paint): string {
  const sum = (of: (source: SourceReport) => number) => sources.reduce((total, source) => total + of(source), 0);
  const size = sum((source) => source.bytes);
  const speed = rate(size, elapsedMs);
  const lines = counted(
    sum(({ linesRead }) => linesRead),
    'line',
  );
  const gone = objects.vanished > 0 ? `\n  ${renderVanished(objects.vanished)}` : '';
  return [
    `${paint.green('✔')} ${paint.bold(
      `Loaded ${counted(
        sum((source) => source.objects),
        'object',
      )}`,
    )} from ${root} in ${duration(elapsedMs)}`,
    `\n  ${lines}, ${bytes(size)}${speed ? ` at ${speed}` : ''} · run ${runId}${gone}`,
  ].join('');
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
