import { leaderOnly, leftOpen, Refusal, syntaxError } from '../refusal.ts';
import { castsIn } from '../sql/casts.ts';
import { functionCalls } from '../sql/function-calls.ts';
import { isWord, splitByComma } from '../sql/scan.ts';
import { readType, refuseType } from '../sql/types.ts';
import { place, type Rule, type RuleContext } from './rule.ts';

/** Which functions and types an expression may use. */
export const functionRules: readonly Rule[] = [
  {
    name: 'functions Redshift does not have',
    fact: '3.3, 3.5, dg:c_unsupported-postgresql-functions',
    examples: [
      "select string_agg(b, ',') from t",
      'select array_agg(a) from t',
      'select every(a > 1) from t',
      'select corr(a, a) from t',
      'select regr_count(a, a) from t',
      'select width_bucket(a, 1, 2, 3) from t',
      'select div(7, 2)',
      "select format('%s', b) from t",
      "select overlay(b placing 'x' from 1) from t",
      "select regexp_matches(b, 'x') from t",
      "select encode('x', 'hex')",
      'select pg_advisory_lock(1)',
      'select pg_try_advisory_xact_lock(1)',
      'select unnest(array_agg(a)) from t',
      "select * from unnest(string_to_array('a,b', ',')) x",
      "select jsonb_build_object('a', 1)",
      'select gen_random_uuid()',
      'select clock_timestamp()',
      'select pg_sleep(1)',
      'select transaction_timestamp()',
      "select nextval('s')",
      'select txid_current()',
      'select make_interval(1)',
      'select epoch_ms(a) from t',
      "select date_bin('1 day', now(), now())",
      'select hashtext(b) from t',
    ],
    check: ({ tokens }) => {
      const call = functionCalls(tokens).find(({ name }) => !functions.has(name) && !leaderFunctions.has(name));
      return call && new Refusal('42883', `function ${call.name}() does not exist`);
    },
  },
  {
    name: 'functions of the leader node over user tables',
    fact: '3.3, dg:c_SQL_functions_leader_node_only',
    examples: [
      'select now() from t',
      'insert into t (b) select current_schema()',
      'select current_timestamp, a from t',
      "select a from t where has_table_privilege('t', 'select')",
      'update t set b = localtime::varchar',
    ],
    check: (context) => {
      if (!touchesTables(context)) return undefined;
      const call = functionCalls(context.tokens).find(
        ({ name }) => leaderFunctions.has(name) && name !== 'generate_series',
      );
      const word = place(
        context.tokens,
        (token, at) => isWord(token, ...leaderWords) && context.tokens[at - 1]?.text !== '.',
      );
      const name = call?.name ?? (word === undefined ? undefined : context.tokens[word]?.value);
      return name === undefined ? undefined : leaderOnly(`${name}()`);
    },
  },
  {
    name: 'generate_series with user tables',
    fact: '3.3',
    examples: [
      'insert into t (a) select n from generate_series(1, 3) g (n)',
      'select g.n from generate_series(1, 3) g (n) join t on t.a = g.n',
      'create table made as select n from generate_series(1, 3) g (n)',
    ],
    check: (context) =>
      touchesTables(context) && functionCalls(context.tokens).some(({ name }) => name === 'generate_series')
        ? leaderOnly('generate_series(integer,integer)')
        : undefined,
  },
  {
    name: 'catalogue tables together with user tables',
    fact: '3.3, dg:c_SQL_functions_leader_node_only',
    examples: [
      'insert into t (b) select table_name from information_schema.tables',
      'select t.a from t join pg_class c on c.relname = t.b',
    ],
    check: (context) => {
      const catalogue = relationsOf(context).find(isCatalogue);
      return catalogue !== undefined && touchesTables(context) ? leaderOnly(catalogue.name) : undefined;
    },
  },
  {
    name: 'CONCAT of other than two',
    fact: '3.3',
    examples: ["select concat(b, 'x', 'y') from t", 'select concat(b) from t'],
    check: (context) => argumentCount(context, 'concat', (count) => count !== 2),
  },
  {
    name: 'TO_TIMESTAMP of one argument',
    fact: '3.5',
    examples: ['select to_timestamp(a) from t'],
    check: (context) => argumentCount(context, 'to_timestamp', (count) => count === 1),
  },
  {
    name: 'SUBSTR',
    fact: '3.3',
    examples: ['select substr(b, 1, 2) from t'],
    check: ({ tokens }) =>
      functionCalls(tokens).some(({ name }) => name === 'substr') ? leftOpen('SUBSTR', 'SUBSTRING') : undefined,
  },
  {
    name: 'date parts Redshift does not document: isoyear, isodow',
    fact: '3.4',
    examples: [
      "select extract(isoyear from timestamp '2020-12-31 00:00:00')",
      "select date_part('isodow', timestamp '2020-12-31 00:00:00')",
      "select date_trunc('isoyear', timestamp '2020-12-31 00:00:00')",
    ],
    check: ({ tokens }) => {
      const parts = functionCalls(tokens)
        .filter(({ name }) => partFunctions.has(name))
        .map(({ open }) => tokens[open + 1]);
      const unknown = parts.find((part) => /^'?(isoyear|isodow|julian)'?$/.test(part?.value ?? ''));
      return unknown && new Refusal('22023', `timestamp units ${unknown.value} not recognized`);
    },
  },
  {
    name: 'types Redshift does not have, in a cast',
    fact: '2.5',
    examples: [
      "select '{}'::jsonb",
      "select cast('{}' as json)",
      "select 'x'::bytea",
      'select cast(b as uuid) from t',
      'select 1::money',
      "select 't'::regclass",
      'select cast(1 as tinyint)',
      "select 'x'::inet",
    ],
    check: ({ tokens }) => {
      for (const at of castsIn(tokens)) {
        const refusal = refuseType(readType(tokens, at));
        if (refusal !== undefined) return refusal;
      }
      return undefined;
    },
  },
  {
    name: 'BETWEEN SYMMETRIC, IS JSON, AT LOCAL',
    fact: '3.3',
    examples: ['select a from t where a between symmetric 2 and 1', 'select a from t where b is json'],
    check: ({ tokens }) => {
      const at = place(
        tokens,
        (token, at) => isWord(token, 'symmetric') || (isWord(token, 'json') && isWord(tokens[at - 1], 'is')),
      );
      return at === undefined ? undefined : syntaxError(tokens[at]?.text ?? '');
    },
  },
];

const partFunctions = new Set(['extract', 'date_part', 'date_trunc', 'dateadd', 'datediff']);

/** Functions that Redshift documents and that work here, by PostgreSQL or by catalogue/functions.sql. */
const functions: ReadonlySet<string> = new Set([
  ...['count', 'sum', 'min', 'max', 'avg', 'stddev', 'stddev_samp', 'stddev_pop', 'variance', 'var_samp', 'var_pop'],
  ...['bool_and', 'bool_or', 'bit_and', 'bit_or', 'percentile_cont', 'percentile_disc', 'any_value'],
  ...['row_number', 'rank', 'dense_rank', 'ntile', 'lag', 'lead', 'first_value', 'last_value', 'nth_value'],
  ...['cume_dist', 'percent_rank'],
  ...['coalesce', 'nvl', 'nvl2', 'nullif', 'greatest', 'least', 'decode'],
  ...['dateadd', 'datediff', 'date_part', 'date_trunc', 'extract', 'getdate', 'to_date', 'to_timestamp', 'to_char'],
  ...['to_number', 'add_months', 'last_day', 'months_between', 'convert_timezone'],
  ...['len', 'length', 'char_length', 'character_length', 'octet_length', 'lower', 'upper', 'initcap', 'substring'],
  ...['substr', 'left', 'right', 'trim', 'ltrim', 'rtrim', 'btrim', 'lpad', 'rpad', 'repeat', 'replace', 'reverse'],
  ...['translate', 'strpos', 'position', 'charindex', 'split_part', 'concat', 'chr', 'ascii', 'md5', 'sha2', 'strtol'],
  ...['quote_ident', 'quote_literal', 'to_hex', 'regexp_count', 'regexp_instr', 'regexp_substr'],
  ...[
    'abs',
    'ceil',
    'ceiling',
    'floor',
    'round',
    'trunc',
    'sign',
    'sqrt',
    'cbrt',
    'exp',
    'ln',
    'log',
    'dlog1',
    'dlog10',
  ],
  ...[
    'power',
    'pow',
    'mod',
    'pi',
    'random',
    'degrees',
    'radians',
    'sin',
    'cos',
    'tan',
    'asin',
    'acos',
    'atan',
    'atan2',
  ],
  ...[
    'current_user',
    'current_database',
    'pg_backend_pid',
    'pg_last_copy_count',
    'pg_last_copy_id',
    'pg_last_query_id',
  ],
  ...['pg_terminate_backend', 'pg_cancel_backend', 'version', 'current_setting', 'set_config'],
]);

const leaderFunctions: ReadonlySet<string> = new Set([
  ...['generate_series', 'now', 'age', 'isfinite', 'current_schema', 'current_schemas', 'has_table_privilege'],
  ...['has_schema_privilege', 'has_database_privilege', 'get_bit', 'get_byte', 'set_bit', 'set_byte', 'to_ascii'],
  ...['timeofday', 'pg_get_viewdef', 'pg_get_userbyid'],
]);
const leaderWords = ['current_timestamp', 'current_time', 'localtime', 'localtimestamp', 'current_schema'];

type NamedRelation = { readonly name: string; readonly schema: string | undefined };

function relationsOf({ blocks }: RuleContext): NamedRelation[] {
  return blocks.flatMap(({ relations }) => relations.filter(({ kind }) => kind === 'table'));
}

function isCatalogue({ schema, name }: NamedRelation): boolean {
  return schema === 'information_schema' || schema === 'pg_catalog' || (schema === undefined && name.startsWith('pg_'));
}

// Whether it runs on the compute nodes: it writes, or reads a table that is not of the catalogue.
function touchesTables(context: RuleContext): boolean {
  const { kind } = context.statement;
  if (['insert', 'update', 'delete', 'merge', 'create table'].includes(kind)) return true;
  return relationsOf(context).some((relation) => !isCatalogue(relation));
}

function argumentCount({ tokens }: RuleContext, of: string, wrong: (count: number) => boolean): Refusal | undefined {
  const call = functionCalls(tokens).find(
    ({ name, open, close }) => name === of && wrong(splitByComma(tokens, open + 1, close).length),
  );
  return call && new Refusal('42883', `function ${of}() does not exist`);
}
