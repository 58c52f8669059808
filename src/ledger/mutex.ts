import type { Session } from '../engines/engine.ts';
import { SparkifyError } from '../errors.ts';
import type { TableShape } from '../sql/dialect.ts';
import { textLiteral } from '../sql/quote.ts';
import { ledgerSchema, tableName } from '../sql/shapes.ts';
import { confirmStarSchema } from './star-schema.ts';
import { definitions, ledgerTables, ledgerVersion, mutex, objects } from './tables.ts';

/** What the ledger says of itself. */
interface LedgerHead {
  readonly version: number;
  /** Where staging and star are; '' where it is of a version that does not tell. */
  readonly starSchema: string;
}

/** What a target has of a ledger, of any version. */
export interface FoundLedger {
  /** Names of those of its tables that are there: none where the target has no ledger. */
  readonly tables: ReadonlySet<string>;
  /** undefined where it is still empty. */
  readonly head: LedgerHead | undefined;
}

/** @throws TARGET_UNUSABLE where several rows of the mutex tell */
export async function findLedger(session: Session): Promise<FoundLedger> {
  const names = ledgerTables.map(({ name }) => name);
  const { rows } = await session.all(`-- look for the ledger\n${session.dialect.relations([ledgerSchema], names)}`);
  const tables = new Set(rows.map(([, name]) => String(name)));
  return { tables, head: tables.has(mutex.name) ? await readLedgerHead(session) : undefined };
}

/**
 * Confirms that this version can read the ledger and that it tells of the star that the session finds; false where there
 * is none, or it is still empty.
 * @throws TARGET_NEWER, TARGET_OLDER, TARGET_ELSEWHERE; TARGET_UNUSABLE where it has lost a table, or the row that tells
 */
export async function confirmLedger(session: Session, ledger?: FoundLedger): Promise<boolean> {
  const { tables, head } = ledger ?? (await findLedger(session));
  if (!head) {
    await confirmEmpty(session, tables);
    return false;
  }
  refuseOtherVersion(head);
  confirmStarSchema(head.starSchema, session.schemas);
  const lost = ledgerTables.filter(({ name }) => !tables.has(name));
  if (lost.length > 0) throw lostTables(lost);
  return true;
}

/** Without the mutex nobody knows what the ledger is of: to take it for new would load everything twice. */
async function confirmEmpty(session: Session, tables: FoundLedger['tables']): Promise<void> {
  for (const table of [objects, definitions]) {
    if (!tables.has(table.name)) continue;
    const { rows } = await session.all(`-- look for ${table.name}\nselect 1 from ${tableName(table)} limit 1`);
    if (rows.length === 0) continue;
    throw tables.has(mutex.name) ? wrongMutex(0, session.schemas) : lostTables([mutex]);
  }
}

function lostTables(lost: readonly Pick<TableShape, 'schema' | 'name'>[]): SparkifyError {
  const names = lost.map(tableName);
  return new SparkifyError('TARGET_UNUSABLE', `The ledger lacks ${names.join(', ')}.`, {
    hint: 'It was altered by hand. The next `sparkify run` makes what is lacking, and says what else is to be done.',
    details: { missing: names },
  });
}

function refuseOtherVersion({ version }: LedgerHead): void {
  if (version === ledgerVersion) return;
  if (version > ledgerVersion) {
    throw new SparkifyError(
      'TARGET_NEWER',
      `The target's ledger has version ${version}; this tool knows up to ${ledgerVersion}.`,
      { hint: 'Update sparkify-warehouse.' },
    );
  }
  throw new SparkifyError(
    'TARGET_OLDER',
    `The target's ledger has version ${version}; this tool needs ${ledgerVersion}.`,
    {
      hint: 'The next `sparkify run` brings it there.',
    },
  );
}

/**
 * undefined where it is still empty.
 * @throws TARGET_UNUSABLE where several rows tell
 */
async function readLedgerHead(session: Session): Promise<LedgerHead | undefined> {
  // Which columns there are depends on the version.
  const { columns, rows } = await session.all(`-- read the version of the ledger\nselect * from ${tableName(mutex)}`);
  if (rows.length > 1) throw wrongMutex(rows.length, session.schemas);
  const [row] = rows;
  const told = (column: string) => row?.[columns.findIndex(({ name }) => name === column)] ?? '';
  return row && { version: Number(told('ledger_version')), starSchema: String(told('star_schema')) };
}

/** Puts the mutex row in where it is missing. @throws TARGET_NEWER, TARGET_OLDER, TARGET_ELSEWHERE */
export async function ensureMutex(session: Session): Promise<void> {
  const [starSchema = ''] = session.schemas;
  if (!(await confirmLedger(session))) await session.insertRows(mutex, [[1, 0n, ledgerVersion, starSchema]]);
}

/**
 * Puts the mutex row in, as one statement, for whoever makes a ledger by hand: what `ensureMutex` does, but that nothing is
 * said of the schema, which no statement knows before it is run. Idempotent.
 */
export const putMutex = [
  '-- put the mutex in',
  `insert into ${tableName(mutex)} (id, loads, ledger_version)`,
  `select 1, 0, ${ledgerVersion}`,
  `from (select count(*) as present from ${tableName(mutex)}) m`,
  'where present = 0',
].join('\n');

/** The statement by which a load takes the mutex: its first write. */
export const takeMutex = `-- take the mutex\nupdate ${tableName(mutex)} set loads = loads + 1 where id = 1`;

/**
 * What does not count as a load writes the mutex too: then who comes later waits, or is refused, and nothing it reads is
 * from before, whatever its snapshot is as old as (facts 3.7, 8.4).
 */
export const holdMutex = `-- hold the mutex\nupdate ${tableName(mutex)} set loads = loads where id = 1`;

/**
 * How many loads the warehouse has seen; who took the mutex counts among them.
 * @throws TARGET_UNUSABLE unless one row tells: of several nobody knows which one a load was counted by
 */
export async function readLoads(session: Session): Promise<bigint> {
  const { rows } = await session.all(`-- count the loads\nselect loads from ${tableName(mutex)} where id = 1`);
  if (rows.length === 1) return BigInt(String(rows[0]?.[0]));
  throw wrongMutex(rows.length, session.schemas);
}

function wrongMutex(rows: number, [schema = '']: Session['schemas']): SparkifyError {
  return new SparkifyError('TARGET_UNUSABLE', `${tableName(mutex)} has ${rows} rows, where one must be.`, {
    hint:
      rows === 0
        ? `It was altered by hand: put the row back, by insert into ${tableName(mutex)} (id, loads, ledger_version, star_schema) values (1, 1, ${ledgerVersion}, ${textLiteral(schema)})`
        : `Loads may have been counted twice, and objects loaded twice. Keep one row: create temporary table one as select distinct * from ${tableName(mutex)} where loads = (select max(loads) from ${tableName(mutex)}); delete from ${tableName(mutex)}; insert into ${tableName(mutex)} select * from one. Then: sparkify run --full-refresh`,
  });
}

/** @throws LEDGER_MOVED unless the warehouse has seen so many loads: another one came since they were counted */
export async function confirmLoads(session: Session, loads: bigint): Promise<void> {
  if ((await readLoads(session)) !== loads) throw ledgerMoved();
}

/** Where another run has come since a plan was made. */
export function ledgerMoved(): SparkifyError {
  const message = 'Another run has loaded the target, or changed it, since this one was planned.';
  return new SparkifyError('LEDGER_MOVED', message, { hint: 'Run again.', retryable: true });
}
