import { errorCatalogue } from '../errors.ts';

/** Every error of the tool with what it means and what to do, as Markdown. */
export function errorReference(): string {
  const sections = Object.entries(errorCatalogue).map(
    ([code, { means, remedy }]) => `## ${code}\n\n${means}\n\n**What to do:** ${remedy}`,
  );
  const head = [
    '# Errors',
    'Made from `src/errors.ts`. On the command line an error is its code, what happened and to what, and a hint; with `--json` it is an object with `code`, `message`, `hint` and `details`. Exit codes: 0 done, 1 failed, 2 wrong usage (`USAGE`, `TARGET_INVALID`). Anything without a code is a defect: please report it.',
  ];
  return `${[...head, ...sections].join('\n\n')}\n`;
}
