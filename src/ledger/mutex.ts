import type { Session } from '../engines/engine.ts';
import { SparkifyError } from '../errors.ts';
import { textLiteral } from '../sql/quote.ts';
import { tableName } from '../sql/shapes.ts';
import { confirmStarSchema } from './star-schema.ts';
import { definitions, ledgerVersion, mutex, objects } from './tables.ts';

/** What the ledger says of itself. */
interface LedgerHead {
  readonly version: number;
  /** Where staging and star are; '' where it is of a version that does not tell. */
  readonly starSchema: string;
}

/**
 * Confirms that this version can read the ledger and that it tells of the star that the session finds; false where it is
 * still empty.
 * @throws TARGET_NEWER, TARGET_OLDER, TARGET_ELSEWHERE; TARGET_UNUSABLE where it has lost the row that tells
 */
export async function confirmLedger(session: Session): Promise<boolean> {
  const head = await readLedgerHead(session);
  if (!head) {
    await confirmEmpty(session);
    return false;
  }
  refuseOtherVersion(head);
  confirmStarSchema(head.starSchema, session.schemas);
  return true;
}

/** Without the mutex nobody knows what the ledger is of: to take it for new would load everything twice. */
async function confirmEmpty(session: Session): Promise<void> {
  for (const table of [objects, definitions]) {
    const { rows } = await session.all(`-- look for ${table.name}\nselect 1 from ${tableName(table)} limit 1`);
    if (rows.length > 0) throw wrongMutex(0, session.schemas);
  }
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
 * Of a ledger of any version; undefined where it is still empty.
 * @throws TARGET_UNUSABLE where several rows tell
 */
export async function readLedgerHead(session: Session): Promise<LedgerHead | undefined> {
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

/** Whether the target has a ledger at all. */
export async function hasLedger(session: Session): Promise<boolean> {
  const { rows } = await session.all(
    `-- look for the ledger\nselect count(*) from information_schema.tables where table_schema = ${textLiteral(mutex.schema ?? '')} and table_name = ${textLiteral(mutex.name)}`,
  );
  return Number(rows[0]?.[0]) > 0;
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
