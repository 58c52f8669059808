import type { Ddl } from '../../src/sql/dialect.ts';

/** The statements of a definition as one text, for engines that take several in one. */
export function sqlOf(statements: readonly Ddl[]): string {
  return statements.map(({ sql }) => sql).join(';\n');
}
