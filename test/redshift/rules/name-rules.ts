import { Refusal, syntaxError } from '../refusal.ts';
import { isWord } from '../sql/scan.ts';
import type { Token } from '../sql/tokens.ts';
import { place, type Rule } from './rule.ts';

/** Which words may not be names. */
export const nameRules: readonly Rule[] = [
  {
    name: 'reserved words as bare names',
    fact: '2.6',
    examples: [
      'select a as tag from t',
      'select t.open from t',
      'select new from t',
      'insert into t (old) values (1)',
      'select a as top from t',
    ],
    check: ({ tokens }) => {
      const at = place(tokens, (token, at) => isWord(token, ...reserved) && isUsedAsName(tokens, at));
      return at === undefined ? undefined : syntaxError(tokens[at]?.text ?? '');
    },
  },
  {
    name: 'START and CONNECT as bare aliases',
    fact: '2.6',
    examples: ['select start.a from t start', 'select connect.a from t connect'],
    check: ({ tokens }) => {
      const at = place(tokens, (token, at) => isWord(token, 'start', 'connect') && at > 1 && isBareAlias(tokens, at));
      return at === undefined ? undefined : syntaxError(tokens[at]?.text ?? '');
    },
  },
  {
    name: 'more than 32,767 parameters',
    fact: '3.9',
    examples: [],
    check: ({ tokens }) => {
      const at = place(tokens, ({ kind, text }) => kind === 'parameter' && Number(text.slice(1)) > maxParameters);
      return at === undefined ? undefined : new Refusal('08P01', `too many parameters, at most ${maxParameters}`);
    },
  },
];

/** How many bind parameters a statement may have. */
export const maxParameters = 32_767;

/** Reserved in Redshift and not in PostgreSQL, save those that are syntax where they stand. */
const reserved = [
  ...['aes128', 'aes256', 'allowoverwrite', 'backup', 'blanksasnull', 'bytedict', 'bzip2', 'credentials'],
  ...[
    'current_user_id',
    'deflate',
    'defrag',
    'delta',
    'delta32k',
    'disable',
    'emptyasnull',
    'enable',
    'encode',
    'encrypt',
  ],
  ...[
    'encryption',
    'explicit',
    'globaldict256',
    'globaldict64k',
    'gzip',
    'identity',
    'ignore',
    'language',
    'lun',
    'luns',
  ],
  ...[
    'lzo',
    'lzop',
    'minus',
    'mostly16',
    'mostly32',
    'mostly8',
    'new',
    'nulls',
    'off',
    'offline',
    'oid',
    'old',
    'open',
  ],
  ...['parallel', 'partition', 'percent', 'permissions', 'pivot', 'raw', 'readratio', 'recover', 'rejectlog', 'resort'],
  ...['respect', 'restore', 'snapshot', 'sysdate', 'system', 'tag', 'tdes', 'text255', 'text32k', 'timestamp', 'top'],
  ...['truncatecolumns', 'unnest', 'unpivot', 'wallet', 'without'],
];

/** Words that are reserved in Redshift and PostgreSQL would take as the name of a column. */
export const reservedNames: ReadonlySet<string> = new Set(reserved);

/** Where the same words are syntax: what follows them there. */
const syntaxBefore: Readonly<Record<string, readonly string[]>> = {
  partition: ['by'],
  ignore: ['nulls'],
  respect: ['nulls'],
  nulls: ['first', 'last'],
  minus: ['select', '('],
  without: ['time'],
};

function isUsedAsName(tokens: readonly Token[], at: number): boolean {
  const [before, token, after] = [tokens[at - 1], tokens[at], tokens[at + 1]];
  const word = token?.value ?? '';
  if (before?.text === '.' || after?.text === '.' || isWord(before, 'table', 'into', 'as'))
    return !castType(tokens, at);
  if (after?.text === '(') return false;
  if (syntaxBefore[word]?.includes(after?.value ?? '')) return false;
  if (word === 'sysdate' || word === 'timestamp') return false;
  // Behind a word, it is an option (`distkey encode raw`, `set x to off`); behind these, a name must stand.
  return (
    before?.text === ',' || before?.text === '(' || isWord(before, 'select', 'by', 'where', 'and', 'or', 'on', 'set')
  );
}

// `cast(x as timestamp)`.
function castType(tokens: readonly Token[], at: number): boolean {
  return (
    isWord(tokens[at], 'timestamp', 'sysdate') &&
    (tokens[at + 1]?.text === ')' || isWord(tokens[at + 1], 'with', 'without'))
  );
}

function isBareAlias(tokens: readonly Token[], at: number): boolean {
  const [earlier, before] = [tokens[at - 2], tokens[at - 1]];
  return before?.kind === 'word' && isWord(earlier, 'from', 'join');
}
