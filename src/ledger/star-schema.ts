import type { Session } from '../engines/engine.ts';
import { SparkifyError } from '../errors.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { identifier, textLiteral } from '../sql/quote.ts';
import { ledgerSchema } from '../sql/shapes.ts';

/**
 * Confirms that the star the ledger tells of is the one that is found without naming a schema, in one of these: a
 * database has one ledger, and another star beside it would pass for loaded. An older ledger does not tell ('').
 * @throws TARGET_ELSEWHERE
 */
export function confirmStarSchema(starSchema: string, schemas: readonly string[]): void {
  if (starSchema === '' || schemas.includes(starSchema)) return;
  throw new SparkifyError(
    'TARGET_ELSEWHERE',
    `The database holds a warehouse in the schema ${starSchema}; this user and target look in ${schemas.join(', ') || 'none'}.`,
    {
      hint: `A database holds one warehouse: for another one name another database in --target. For this one ${starSchema} must come first in the search_path: alter user NAME set search_path to ${identifier(starSchema)}`,
      details: { starSchema, schemas },
    },
  );
}

/**
 * Where the star of a ledger is that does not tell: in the one schema that has its first staging table; where several
 * have, nobody knows which one the ledger was kept of, and it is that of the session.
 */
export async function findStarSchema({ staging: [first] }: Warehouse, session: Session): Promise<string> {
  const [current = ''] = session.schemas;
  if (!first) return current;
  // pg_class, as information_schema hides tables that this user has no right to.
  const { rows } = await session.all(
    `-- look for the schema of the star\nselect n.nspname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.${identifier('oid')} = c.relnamespace where c.relname = ${textLiteral(first.name)} and n.nspname <> ${textLiteral(ledgerSchema)}`,
  );
  const [found = current, ...others] = rows.map(([schema]) => String(schema));
  return others.length === 0 ? found : current;
}
