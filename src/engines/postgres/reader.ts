import { textLiteral } from '../../sql/quote.ts';
import { ledgerSchema } from '../../sql/shapes.ts';
import { confirmReadingRights } from '../rights.ts';
import type { Connection } from './client.ts';
import { readRow, type Server } from './server.ts';

/** Confirms that the role may look whether there is a warehouse. @throws TARGET_UNUSABLE */
export async function confirmReader({ client, shown }: Connection, { user }: Server): Promise<void> {
  const row = await readRow(
    client,
    `select has_schema_privilege(n.oid, 'usage'), has_table_privilege(c.oid, 'select')
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = ${textLiteral(ledgerSchema)} and c.relname = 'mutex'`,
  );
  const [usage, select] = row.map((value) => value === 't');
  confirmReadingRights({ shown, user }, { usage, select });
}
