import { SparkifyError } from '../../errors.ts';
import { identifier, textLiteral } from '../../sql/quote.ts';
import { ledgerSchema } from '../../sql/shapes.ts';
import type { Connection } from './client.ts';
import { readRow, type Server } from './server.ts';

/**
 * Confirms that the role may look whether there is a warehouse: PostgreSQL lists only tables that one may read, so that
 * without that right a warehouse would pass for none.
 * @throws TARGET_UNUSABLE with the statements that would give the role what it lacks
 */
export async function confirmReader({ client, shown }: Connection, { user }: Server): Promise<void> {
  const [usage, select] = await readRow(
    client,
    `select has_schema_privilege(n.oid, 'usage'), has_table_privilege(c.oid, 'select')
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = ${textLiteral(ledgerSchema)} and c.relname = 'mutex'`,
  );
  const role = identifier(user);
  const missing = [
    ...(usage === 'f' ? [`grant usage on schema ${ledgerSchema} to ${role}`] : []),
    ...(select === 'f' ? [`grant select on all tables in schema ${ledgerSchema} to ${role}`] : []),
  ];
  if (missing.length === 0) return;
  throw new SparkifyError('TARGET_UNUSABLE', `${shown} holds a warehouse that ${user} may not read.`, {
    hint: `An administrator grants it: ${missing.join('; ')}`,
    details: { target: shown, missing },
  });
}
