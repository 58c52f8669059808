import { ledgerSchema } from '../../sql/shapes.ts';
import { confirmReadingRights } from '../rights.ts';
import { fromRelation } from './catalogue.ts';
import type { Connection } from './connection.ts';
import { statementFailure } from './failures.ts';

/** Confirms that the user may look whether there is a warehouse. @throws TARGET_UNUSABLE */
export async function confirmReader(connection: Connection): Promise<void> {
  const heading = '-- ask for the rights to read the ledger';
  const mayUse = "has_schema_privilege(n.nspname, 'usage')";
  // Without the right to use a schema nothing can be asked of its tables.
  const maySelect = `case when ${mayUse} then has_table_privilege(n.nspname || '.' || c.relname, 'select') else false end`;
  const from = fromRelation({ schema: ledgerSchema, name: 'mutex' });
  const { rows } = await connection
    .ask(`${heading}\nselect ${mayUse}, ${maySelect} ${from}`)
    .catch((error: unknown) => {
      throw statementFailure(heading, error, connection.place);
    });
  const [usage, select] = (rows[0] ?? []).map((value) => value === 't');
  confirmReadingRights(connection.place, { usage, select });
}
