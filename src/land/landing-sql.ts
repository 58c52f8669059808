import type { Staging } from '../model/staging.ts';
import type { StatementByHand } from '../sql/dialect.ts';
import { fileSql } from './file-sql.ts';
import { rawSql } from './raw-sql.ts';

/** A statement by which lines become typed rows; `title` says of which lines. */
export interface LandingStatement extends StatementByHand {
  readonly title: string;
}

/**
 * The statements that land a source, for reading: as they are for one file named OBJECT and numbered 1, with the keys
 * that the columns declare. Objects framed by object and small ones are handed over as text ($1, with their numbers in
 * $2); files are parsed in place, and what may not fit there is taken back and decided as text.
 */
export function landingSql(staging: Staging, landing: string): readonly LandingStatement[] {
  const mapping = {
    paths: Object.fromEntries(Object.entries(staging.columns).map(([name, { from }]) => [name, [from]])),
  };
  const { insert, reject } = rawSql(staging, mapping, landing);
  // Conditions that no line of the files could meet are left out; here they all stand.
  const scan = { longestLineBytes: Number.POSITIVE_INFINITY, hasEscapedNul: true };
  const file = fileSql(staging, mapping, landing, [{ path: 'OBJECT', tally: { objectId: 1n }, scan }]);
  const fromFiles = {
    title: `parse files into ${staging.name}`,
    sql: file,
    needs:
      'write the path of a file for OBJECT; rows that may not fit get a negative number, and are decided anew as text',
  };
  const given = 'lines as $1, the numbers of their objects as $2';
  return [
    ...(staging.source.framing === 'line' ? [fromFiles] : []),
    { title: `parse lines handed over as text into ${staging.name}`, sql: insert, given },
    { title: `name the lines that do not fit into ${staging.name}`, sql: reject, given },
  ];
}
