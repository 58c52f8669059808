import { type Asked, isHarmless } from './question.ts';
import type { Step } from './steps.ts';

export interface SmokeReport {
  readonly date: string;
  readonly toolVersion: string;
  /** As `select version()` gives it. */
  readonly version: string;
  readonly kind: string;
  /** Where the objects came from. */
  readonly root: string;
  readonly steps: readonly Step[];
  readonly asked: readonly Asked[];
  readonly passed: boolean;
}

/** Markdown, to paste into an issue. */
export function renderReport(report: SmokeReport): string {
  const { date, toolVersion, version, kind, root, steps, asked, passed } = report;
  return `# Smoke test on Amazon Redshift: ${passed ? 'passed' : 'failed'}

${table(
  ['what', 'is'],
  [
    ['date', date],
    ['sparkify-warehouse', toolVersion],
    ['warehouse', version],
    ['provisioned or Serverless', kind],
    ['root', root],
  ],
)}

## What a user does first

${table(
  ['step', '', 'result'],
  steps.map(({ name, passed: went, result }) => [name, went ? 'passed' : '**failed**', result]),
)}

## Open points

${table(
  ['point', 'question', 'came back', 'assumed', 'verdict'],
  asked.map((one) => [pointOf(one), one.asks, one.cameBack, one.assumed, verdictOf(one)]),
)}

## What was sent

${asked.map(renderSent).join('\n\n')}
`;
}

function verdictOf(asked: Asked): string {
  const { verdict, indifferent } = asked;
  if (!isHarmless(asked)) return `**${verdict}, and the code relies on it**`;
  return indifferent === undefined ? verdict : `${verdict}, and matters not: ${indifferent}`;
}

function pointOf({ point }: Asked): string {
  return point === 0 ? '–' : String(point);
}

function renderSent(asked: Asked): string {
  const { asks, sent } = asked;
  const text = sent.length === 0 ? '-- nothing that could be judged' : sent.join('\n');
  return `${pointOf(asked)}: ${asks}\n\n\`\`\`sql\n${text}\n\`\`\``;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(heads), `|${'---|'.repeat(heads.length)}`, ...rows.map(line)].join('\n');
}

function cell(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
}
