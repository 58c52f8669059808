import { severalStatements } from '../simple-query.ts';
import { refusedForms } from './check.ts';

/** The rows of the table "What it refuses" in docs/redshift.md. */
export function documentedRows(): string[] {
  return [...refusedForms, severalStatements].map(({ name, fact, examples: [example] }) => {
    const shown = example === undefined ? '' : `\`${example.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')}\``;
    return `| ${name.replaceAll('|', '\\|')} | ${fact} | ${shown} |`;
  });
}
