import { SparkifyError } from '../errors.ts';
import { identifier } from '../sql/quote.ts';
import { ledgerSchema } from '../sql/shapes.ts';

/** Where a role would load, as a server names it. */
export interface Loading {
  /** As it may be shown: `host:port/database`. */
  readonly shown: string;
  readonly user: string;
  readonly database: string;
  /** Of the tables of the warehouse. */
  readonly schema: string;
}

/** Whether the role has what a run needs. Which tables the star has is not known here. */
export interface Rights {
  /** To create the schema of the ledger, where it is missing. */
  readonly createSchema: boolean;
  readonly temporary: boolean;
  readonly schema: boolean;
  /** Of the ledger; true where it is missing. */
  readonly ledger: boolean;
  readonly ledgerTables: boolean;
}

/** Whether the role may ask if there is a warehouse: what is undefined is not there, so that nothing is lacking. */
export interface ReadingRights {
  readonly usage: boolean | undefined;
  readonly select: boolean | undefined;
}

/**
 * A server lists only tables that one may read, so that without these rights a warehouse would pass for none.
 * @throws TARGET_UNUSABLE with the statements that would give the role what it lacks
 */
export function confirmReadingRights(
  { shown, user }: Pick<Loading, 'shown' | 'user'>,
  { usage, select }: ReadingRights,
): void {
  const role = identifier(user);
  const missing = [
    ...(usage === false ? [`grant usage on schema ${ledgerSchema} to ${role}`] : []),
    ...(select === false ? [`grant select on all tables in schema ${ledgerSchema} to ${role}`] : []),
  ];
  if (missing.length === 0) return;
  throw new SparkifyError('TARGET_UNUSABLE', `${shown} holds a warehouse that ${user} may not read.`, {
    hint: `An administrator grants it: ${missing.join('; ')}`,
    details: { target: shown, missing },
  });
}

/** @throws TARGET_UNUSABLE with the statements that would give the role what it lacks */
export function confirmRights({ shown, user, database, schema }: Loading, rights: Rights): void {
  const role = identifier(user);
  const grants: Readonly<Record<keyof Rights, string>> = {
    createSchema: `grant create on database ${identifier(database)} to ${role}`,
    temporary: `grant temporary on database ${identifier(database)} to ${role}`,
    schema: `grant usage, create on schema ${identifier(schema)} to ${role}`,
    ledger: `grant usage, create on schema ${ledgerSchema} to ${role}`,
    ledgerTables: `grant select, insert, update, delete on all tables in schema ${ledgerSchema} to ${role}`,
  };
  const missing = Object.entries(grants).flatMap(([right, grant]) => (rights[right as keyof Rights] ? [] : [grant]));
  if (missing.length === 0) return;
  throw new SparkifyError('TARGET_UNUSABLE', `${shown} cannot be loaded with the rights of ${user}.`, {
    hint: `An administrator grants them: ${missing.join('; ')}`,
    details: { target: shown, missing },
  });
}
