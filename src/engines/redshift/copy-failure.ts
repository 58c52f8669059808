import { setTimeout as wait } from 'node:timers/promises';
import { SparkifyError } from '../../errors.ts';
import { identifier, textLiteral } from '../../sql/quote.ts';
import { type Connection, openConnection } from './connection.ts';
import { landInstead } from './direct-rules.ts';
import { detailsOf, statementFailure, titleOf } from './failures.ts';
import { nodeCodeOf, textToMatch, type WireError, wireErrorOf } from './place.ts';

/**
 * Why a COPY failed, with the object, line and column where its data are to blame. These are looked up by a connection
 * of their own: that of the load can do nothing but roll back.
 */
export async function copyFailure(sql: string, cause: unknown, copy: CopyAccess): Promise<SparkifyError> {
  if (cause instanceof SparkifyError) return cause;
  const error = wireErrorOf(cause);
  const refused = accessFailure(sql, error, copy, cause);
  if (refused) return refused;
  const { connection } = copy;
  if (!isOfData(error)) return statementFailure(sql, cause, connection.place);
  const found = await findLoadError(copy).catch(() => undefined);
  return found ? recordFailure(sql, found, error, copy, cause) : dataFailure(sql, error, copy, cause);
}

/** Through what, as whom and from where a COPY reads, and since when. */
export interface CopyAccess {
  readonly connection: Connection;
  readonly iamRole: string;
  /** Whose the data are: parts that this tool has put down, or objects of the source. */
  readonly from: 'parts' | 'objects';
  /** A time of the warehouse in UTC, at which it had not begun. */
  readonly since: string;
}

/** The nodes number other errors too: conflicts, a full disk. */
function isOfData(error: WireError): boolean {
  const code = nodeCodeOf(error);
  return (
    /load_error|check '.*' system table|spectrum/i.test(textToMatch(error)) || (code !== undefined && code in meanings)
  );
}

/** Where and why COPY stopped (facts 1.13). The value that did not fit is left where it is. */
interface LoadError {
  readonly file: string;
  readonly line: number;
  readonly column: string;
  readonly code: number;
}

/** The view lags behind, and takes seconds by itself (facts 1.13). */
const lookups = 16;

async function findLoadError({ connection, since }: CopyAccess): Promise<LoadError | undefined> {
  const pid = connection.backendPid();
  const beside = await openConnection(connection.address, {});
  try {
    for (let round = 0; round < lookups; round += 1) {
      const { rows } = await beside
        .ask(newestError('sys', pid, since))
        .catch(() => beside.ask(newestError('stl', pid, since)));
      const [row] = rows;
      if (row) return loadErrorOf(row);
      await wait(1_000);
    }
    return undefined;
  } finally {
    await beside.end();
  }
}

/**
 * Of this session, the last one. STL tables are there where the SYS views are not, and hidden on Serverless. Their
 * times are those at which the COPY began, in UTC (dg:SYS_LOAD_ERROR_DETAIL, dg:r_STL_LOAD_ERRORS).
 */
function newestError(kind: 'sys' | 'stl', pid: number, since: string): string {
  const [view, file, column, code, session, start] =
    kind === 'sys'
      ? ['sys_load_error_detail', 'file_name', 'column_name', 'error_code', 'session_id', 'start_time']
      : ['stl_load_errors', 'filename', 'colname', 'err_code', 'session', 'starttime'];
  return `-- look for what COPY could not load
select trim(${file}), line_number, trim(${column}), ${code}
from ${view}
where ${session} = ${pid} and ${start} >= timestamp ${textLiteral(since)}
order by ${start} desc
limit 1`;
}

function loadErrorOf([file, line, column, code]: readonly (string | null)[]): LoadError {
  return { file: file ?? '', line: Number(line ?? 0), column: column ?? '', code: Number(code ?? 0) };
}

/** What each code means (facts 1.13, dg:r_Load_Error_Reference). */
const meanings: Readonly<Record<number, string>> = {
  1200: 'it cannot be parsed',
  1201: 'a delimiter is missing',
  1202: 'it has more values than there are columns',
  1203: 'it has fewer values than there are columns',
  1204: 'a value is longer than its column, or out of the range of its type',
  1205: 'a value is no date',
  1206: 'a value is no timestamp',
  1207: 'a value is no integer',
  1208: 'a value is no floating-point number',
  1209: 'a value is no decimal of that size',
  1210: 'a value is no boolean',
  1211: 'a line holds no data',
  1212: 'the object is not there any more',
  1213: 'a value is missing that its column must have',
  1214: 'a delimiter is missing',
  1215: 'a value holds characters of several bytes, which its column cannot',
  1216: 'a line cannot be read',
  1217: 'a value is given to a column that numbers itself',
  1218: 'the mark for NULL is too long',
  1219: 'it holds bytes that are no UTF-8',
  1220: 'it holds bytes that are no UTF-8',
  1221: 'it is in another encoding than said',
  1222: 'a value is out of the range of its type',
  1223: 'a value is of another type',
  1224: 'it holds no valid JSON, or a text of more than 65,535 bytes',
  8001: 'an object cannot be read, or the manifest is none',
  9005: 'a key of the encryption is wrong',
  15001: 'a part cannot be read',
  15003: 'the manifest does not tell the length of a part',
  15007: 'a part does not fit the table, or is not there any more',
};

function recordFailure(
  sql: string,
  { file, line, column, code }: LoadError,
  error: WireError,
  { connection: { place }, from }: CopyAccess,
  cause: unknown,
): SparkifyError {
  const shown = `Redshift shows the value: select * from sys_load_error_detail where file_name = ${textLiteral(file)}`;
  const where = `${file}${line > 0 ? `:${line}` : ''}${column === '' ? '' : ` (column ${column})`}`;
  return new SparkifyError(
    'RECORD_REFUSED',
    `${titleOf(sql)} failed at ${where}: ${meanings[code] ?? 'it does not fit'} (code ${code}).`,
    {
      hint: from === 'objects' ? `${landInstead} ${shown}` : shown,
      cause,
      details: { ...detailsOf(error, place), uri: file, line, column: column || undefined, errorCode: code },
    },
  );
}

function dataFailure(
  sql: string,
  error: WireError,
  { connection: { place }, from }: CopyAccess,
  cause: unknown,
): SparkifyError {
  const code = nodeCodeOf(error);
  const isGone = /not found|does not exist|was not found/i.test(textToMatch(error));
  const says = isGone
    ? `${from === 'parts' ? 'a part' : 'an object'} is not there any more`
    : (code !== undefined && meanings[code]) || 'its data do not fit';
  return new SparkifyError(
    'STATEMENT_FAILED',
    `${titleOf(sql)} failed: ${says}${code === undefined ? '' : ` (code ${code})`}.`,
    {
      hint: isGone
        ? `Something else deletes ${from === 'parts' ? 'below the landing prefix' : 'there'}: keep its lifecycle rules and other runs away, and run again.`
        : 'sys_load_error_detail and sys_load_history of the warehouse tell more; report this.',
      cause,
      details: { ...detailsOf(error, place), errorCode: code },
      retryable: isGone,
    },
  );
}

/** Rights that COPY lacks, with the line that grants them (facts 1.1, 6). */
function accessFailure(
  sql: string,
  error: WireError,
  { connection: { place }, iamRole, from }: CopyAccess,
  cause: unknown,
): SparkifyError | undefined {
  const found = accessReasons.find(({ when }) => when.test(textToMatch(error)));
  if (!found) return undefined;
  const user = identifier(place.user ?? 'USER');
  const hint = (from === 'objects' && found.hintOfObjects) || found.hint;
  return new SparkifyError('TARGET_UNUSABLE', `${titleOf(sql)} failed: ${found.says}.`, {
    hint: withRole(hint, iamRole).replaceAll('USER', user),
    cause,
    details: { ...detailsOf(error, place), iamRole },
  });
}

/** `default` is a word of the grammar, not a name (dg:r_GRANT). */
function withRole(hint: string, iamRole: string): string {
  if (iamRole !== 'default') return hint.replaceAll('ROLE_ARN', iamRole);
  return hint.replaceAll("'ROLE_ARN'", 'default').replaceAll('ROLE_ARN', 'the default role');
}

interface AccessReason {
  readonly when: RegExp;
  readonly says: string;
  readonly hint: string;
  /** Where it is another one for a COPY of the source's objects. */
  readonly hintOfObjects?: string;
}

const accessReasons: readonly AccessReason[] = [
  {
    when: /ASSUMEROLE/i,
    says: 'the user may not use the role of COPY',
    hint: "An administrator grants it: grant assumerole on 'ROLE_ARN' to USER for copy",
  },
  {
    when: /not authorized to assume IAM Role|assume.?role/i,
    says: 'the warehouse cannot take on the role of COPY',
    hint: 'Attach ROLE_ARN to the namespace or cluster, and let it trust redshift.amazonaws.com and redshift-serverless.amazonaws.com (sts:AssumeRole).',
  },
  {
    when: /default IAM role/i,
    says: 'the warehouse has no default role',
    hint: 'Set one as default for the namespace or cluster, or name it: &iam_role=ARN in --target.',
  },
  {
    when: /PermanentRedirect|different region|Status 301/i,
    says: 'the bucket is in another region than the warehouse',
    hint: 'COPY loads parts from a bucket in the region of the warehouse alone: name one there in &landing of --target.',
    hintOfObjects:
      'The manifest of COPY must lie in the region of the objects, and the landing prefix in that of the warehouse: leave copy=direct out of the target, or copy the bucket to the region of the warehouse.',
  },
  {
    when: /AccessDenied|Access Denied|Status 403|\bForbidden\b/i,
    says: 'the role of COPY may not read from the bucket',
    hint: 'The policy of ROLE_ARN must allow s3:GetObject on the objects and s3:ListBucket on the bucket (and kms:Decrypt where they are encrypted with a KMS key).',
  },
  {
    when: /NoSuchBucket/i,
    says: 'the bucket does not exist',
    hint: 'Look at &landing of --target.',
    hintOfObjects: 'Look at --from and at &landing of --target.',
  },
];
