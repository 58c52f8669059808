import type { Finding } from '../../pipeline/doctor.ts';
import { padded } from './printable.ts';
import { type Paint, plain } from './style.ts';

/** A line for each thing looked at, with what to do below those that are not well. */
export function renderFindings(findings: readonly Finding[], paint: Paint = plain): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.map(({ name, ok, detail, hint }) => {
    const advice = hint === undefined ? '' : `\n${' '.repeat(width + 4)}→ ${hint}`;
    return `${ok ? paint.green('✔') : paint.red('✖')} ${padded(name, width)}  ${detail}${advice}`;
  });
  const broken = findings.filter(({ ok }) => !ok).length;
  const verdict =
    broken === 0 ? 'All is well.' : `${broken} of ${findings.length} ${broken === 1 ? 'is' : 'are'} not well.`;
  return [...lines, '', verdict].join('\n');
}
