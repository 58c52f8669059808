import { castsIn } from '../sql/casts.ts';
import { type FunctionCall, functionCalls } from '../sql/function-calls.ts';
import { isWord, splitByComma, wordsAt } from '../sql/scan.ts';
import { type Token, token } from '../sql/tokens.ts';
import { readType, typeForPostgres } from '../sql/types.ts';

/** What an expression may ask of the session. */
export interface SessionValues {
  /** Rows of the session's last COPY (facts 1.12). */
  readonly lastCopyCount: number;
  readonly lastCopyId: number;
}

/**
 * The tokens of a query with what PostgreSQL lacks or does otherwise replaced: functions by those of the schema
 * `redshift` (catalogue/functions.sql), types by what they mean in Redshift, system tables by their stand-ins.
 */
export function rewriteExpressions(tokens: readonly Token[], session: SessionValues): Token[] {
  const calls = new Map(functionCalls(tokens).map((call) => [call.at, call]));
  const casts = new Set(castsIn(tokens));
  const rewriteRange = (start: number, end: number): Token[] => {
    const made: Token[] = [];
    for (let at = start; at < end; at += 1) {
      const current = tokens[at];
      if (current === undefined) break;
      const call = calls.get(at);
      if (casts.has(at)) {
        const type = readType(tokens, at);
        made.push(token('word', typeForPostgres(type), current.before));
        at += type.length - 1;
      } else if (call !== undefined && specialCalls[call.name] !== undefined) {
        const args = splitByComma(tokens, call.open + 1, call.close).map(([from, to]) => rewriteRange(from, to));
        const rewritten = specialCalls[call.name]?.({ tokens, call, args, session }) ?? [];
        made.push(...rewritten.map((one, i) => (i === 0 ? { ...one, before: current.before } : one)));
        at = call.close;
      } else made.push(rewriteToken(tokens, at, call));
    }
    return made;
  };
  return rewriteRange(0, tokens.length);
}

function rewriteToken(tokens: readonly Token[], at: number, call: FunctionCall | undefined): Token {
  const current = tokens[at] ?? token('end', '');
  if (current.kind === 'string') return escapedString(current);
  if (call !== undefined)
    return renamed(current, ownFunctions.has(call.name) ? `redshift.${call.name}` : same[call.name]);
  if (current.kind !== 'word') return current;
  const qualified = tokens[at - 1]?.text === '.';
  if (current.value === 'sysdate' && !qualified) return renamed(current, 'redshift.sysdate()');
  if (current.value === 'minus' && isWord(tokens[at + 1], 'select')) return renamed(current, 'except');
  if (current.value === 'approximate') return renamed(current, '');
  const own = informationSchema[current.value];
  if (own !== undefined && wordBefore(tokens, at) === 'information_schema') return renamed(current, own);
  if (current.value === 'information_schema' && informationSchema[tokens[at + 2]?.value ?? ''] !== undefined)
    return renamed(current, 'redshift');
  return systemTables.has(current.value) && !qualified ? renamed(current, `redshift.${current.value}`) : current;
}

function renamed(current: Token, text: string | undefined): Token {
  return text === undefined ? current : { ...current, text };
}

// `\` escapes in every string of Redshift (facts 3.3), in PostgreSQL only in those marked by E.
function escapedString(current: Token): Token {
  return current.text.includes('\\') ? { ...current, text: `E${current.text}` } : current;
}

/** Functions of the schema `redshift`. */
const ownFunctions: ReadonlySet<string> = new Set([
  ...['getdate', 'len', 'avg', 'concat', 'strtol', 'sha2', 'charindex', 'last_day', 'add_months', 'convert_timezone'],
  ...['pg_terminate_backend', 'pg_cancel_backend', 'version'],
]);

/** Functions PostgreSQL has under another name. */
const same: Readonly<Record<string, string>> = { nvl: 'coalesce', dlog1: 'ln', dlog10: 'log' };

/** Views that leave out the schema `redshift`. */
const informationSchema: Readonly<Record<string, string>> = { tables: 'svv_tables', columns: 'svv_columns' };

function wordBefore(tokens: readonly Token[], at: number): string | undefined {
  return tokens[at - 1]?.text === '.' ? tokens[at - 2]?.value : undefined;
}

/** System tables and views that catalogue/views.sql stands in for. */
const systemTables: ReadonlySet<string> = new Set([
  ...['sys_load_history', 'sys_load_detail', 'sys_load_error_detail', 'stl_load_errors', 'stl_load_commits'],
  ...['svv_table_info', 'svv_columns', 'svv_tables', 'pg_table_def', 'svv_transactions', 'stv_sessions'],
  ...['stv_db_isolation_level', 'svv_all_columns', 'svv_all_tables', 'pg_depend'],
]);

interface SpecialCall {
  readonly tokens: readonly Token[];
  readonly call: FunctionCall;
  readonly args: readonly (readonly Token[])[];
  readonly session: SessionValues;
}

const specialCalls: Readonly<Record<string, (special: SpecialCall) => Token[]>> = {
  pg_last_copy_count: ({ session }) => [token('mark', `${session.lastCopyCount}::bigint`)],
  pg_last_copy_id: ({ session }) => [token('number', `${session.lastCopyId}`)],
  dateadd: withPart,
  datediff: withPart,
  date_part: withPart,
  extract: ({ tokens, call, args: [arg = []] }) =>
    wordsAt(tokens, call.open + 2, 'from')
      ? callOf('extract', [[partLiteral(tokens[call.open + 1])], arg.slice(2)])
      : callOf('extract', [arg]),
  nvl2: ({ args: [value = [], then = [], otherwise = []] }) => [
    ...pieces('(case when', value, 'is not null then', then, 'else', otherwise, 'end)'),
  ],
  decode: ({ args: [value = [], ...rest] }) => {
    const cases: (string | readonly Token[])[] = [];
    for (let i = 0; i + 1 < rest.length; i += 2)
      cases.push('when', value, 'is not distinct from', rest[i] ?? [], 'then', rest[i + 1] ?? []);
    const otherwise = rest.length % 2 === 1 ? ['else', rest.at(-1) ?? []] : [];
    return pieces('(case', ...cases, ...otherwise, 'end)');
  },
};

// `dateadd(day, …)`: the part is a bare word.
function withPart({ call, args: [part = [], ...rest] }: SpecialCall): Token[] {
  return callOf(call.name, [[partLiteral(part.find(({ kind }) => kind !== 'end'))], ...rest]);
}

function partLiteral(part: Token | undefined): Token {
  return part?.kind === 'string' ? part : token('string', `'${part?.value ?? ''}'`);
}

function callOf(name: string, args: readonly (readonly Token[])[]): Token[] {
  const list = args.flatMap((arg, i) => (i === 0 ? arg : [token('mark', ','), ...arg]));
  return [token('word', `redshift.${name}`), token('mark', '('), ...list, token('mark', ')')];
}

// Texts stand as they are, expressions in brackets.
function pieces(...parts: readonly (string | readonly Token[])[]): Token[] {
  return parts.flatMap((part) =>
    typeof part === 'string' ? [token('operator', part, ' ')] : [token('mark', '(', ' '), ...part, token('mark', ')')],
  );
}
