import type { RunReport } from '../../pipeline/report.ts';
import type { CheckResult } from '../../quality/run-checks.ts';
import { count, counted } from './numbers.ts';
import type { Paint } from './style.ts';

/** Failed checks, then warnings, each with what it counted; then how many passed, of what they looked at. */
export function renderChecks(
  checks: readonly CheckResult[],
  paint: Paint,
  checked: RunReport['checked'] = 'everything',
): string {
  const broken = checks.filter(({ passed }) => !passed);
  const lines = [...broken.filter(isFailure), ...broken.filter((check) => !isFailure(check))].map(
    ({ severity, name, failures, says }) => {
      const sign = severity === 'fail' ? paint.red('✖') : paint.yellow('⚠');
      return `${sign} ${name}: ${says.replace(/\.$/, '')}: ${count(failures)}`;
    },
  );
  const passed = checks.length - broken.length;
  const where = checked === 'everything' ? '' : ' on what the run changed';
  return [...lines, `${paint.green('✔')} ${counted(passed, 'check')} passed${where}`].join('\n');
}

const isFailure = ({ severity }: CheckResult): boolean => severity === 'fail';
