import { SparkifyError } from '../errors.ts';
import { identifier, qualified } from '../sql/quote.ts';
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

/** Whether the role has what a run needs. */
export interface Rights {
  /** To create the schema of the ledger, where it is missing. */
  readonly createSchema: boolean;
  readonly temporary: boolean;
  readonly schema: boolean;
  /** Of the ledger; true where it is missing. */
  readonly ledger: boolean;
  readonly ledgerTables: boolean;
  /** Of the star, as far as it is there. */
  readonly closed: ClosedRelations;
}

/** What a role lacks rights on. */
export interface ClosedRelations {
  /** That it may not read and change. */
  readonly tables: readonly string[];
  /** That it may not read. */
  readonly views: readonly string[];
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
export function confirmRights(
  { shown, user, database, schema }: Loading,
  { closed: { tables, views }, ...rights }: Rights,
): void {
  const role = identifier(user);
  const grants: Readonly<Record<keyof typeof rights, string>> = {
    createSchema: `grant create on database ${identifier(database)} to ${role}`,
    temporary: `grant temporary on database ${identifier(database)} to ${role}`,
    schema: `grant usage, create on schema ${identifier(schema)} to ${role}`,
    ledger: `grant usage, create on schema ${ledgerSchema} to ${role}`,
    ledgerTables: `grant select, insert, update, delete on all tables in schema ${ledgerSchema} to ${role}`,
  };
  const names = (relations: readonly string[]) => relations.map((name) => qualified(schema, name)).join(', ');
  const missing = [
    ...Object.entries(grants).flatMap(([right, grant]) => (rights[right as keyof typeof rights] ? [] : [grant])),
    ...(tables.length > 0 ? [`grant select, insert, update, delete on ${names(tables)} to ${role}`] : []),
    ...(views.length > 0 ? [`grant select on ${names(views)} to ${role}`] : []),
  ];
  if (missing.length === 0) return;
  throw new SparkifyError('TARGET_UNUSABLE', `${shown} cannot be loaded with the rights of ${user}.`, {
    hint: `An administrator grants them: ${missing.join('; ')}`,
    details: { target: shown, missing },
  });
}
