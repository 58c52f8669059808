import { leftOpen, notEmulated, Refusal, syntaxError } from '../refusal.ts';
import { columnList } from '../rewrite/table-attributes.ts';
import { type RefusedForm, under } from '../rules/rule.ts';
import { closingOf, isWord, nameAt } from '../sql/scan.ts';
import { render, type Token } from '../sql/tokens.ts';
import { copyForms } from './copy-forms.ts';

/** A COPY, taken apart. */
export interface CopyCommand {
  /** As it stands in the statement. */
  readonly table: string;
  readonly columns: readonly string[] | undefined;
  readonly from: string;
  /** An ARN, or 'default'. */
  readonly iamRole: string;
  readonly format: 'json' | 'parquet';
  /** 'auto', 'auto ignorecase', 'noshred' or the address of a JSONPaths file. */
  readonly json: string;
  readonly options: CopyOptions;
}

/** Options that were given, by their name in lower case; those without a value are true. */
export type CopyOptions = ReadonlyMap<string, string | true>;

/** @throws Refusal where Redshift does not take the COPY */
export function parseCopy(tokens: readonly Token[]): CopyCommand {
  const parameter = tokens.find(({ kind }) => kind === 'parameter');
  if (parameter !== undefined) throw under(copyForms.parameters, syntaxError(parameter.text));
  const name = nameAt(tokens, 1);
  let at = 1 + name.length;
  const columns = tokens[at]?.text === '(' ? columnList(tokens, at) : undefined;
  if (columns !== undefined) at = closingOf(tokens, at) + 1;
  if (!isWord(tokens[at], 'from')) throw syntaxError(tokens[at]?.text ?? '');
  const from = textOf(tokens[at + 1]);
  const role = readRole(tokens, at + 2);
  const { format, json, options } = readOptions(tokens, role.next);
  const command = { table: render(name).trim(), columns, from, iamRole: role.iamRole, format, json, options };
  checkOptions(command);
  return command;
}

/** The value of a string literal, in which `\` escapes and `''` is a quote. */
export function textOf(token: Token | undefined): string {
  if (token?.kind !== 'string') throw syntaxError(token?.text ?? '');
  return token.text
    .slice(1, -1)
    .replaceAll(/''|\\([\s\S])/g, (pair, escaped: string | undefined) => escaped ?? pair[0] ?? '');
}

function readRole(tokens: readonly Token[], at: number): { iamRole: string; next: number } {
  const word = tokens[at];
  if (isWord(word, 'iam_role')) {
    const iamRole = isWord(tokens[at + 1], 'default') ? 'default' : textOf(tokens[at + 1]);
    return { iamRole, next: at + 2 };
  }
  if (isWord(word, 'credentials', 'access_key_id', 'with')) throw notEmulated('COPY with keys in its text');
  const later = tokens.slice(at).some((token) => isWord(token, 'iam_role', 'credentials', 'access_key_id'));
  throw later
    ? under(copyForms.authorizationFirst, leftOpen('a COPY option in front of IAM_ROLE', 'IAM_ROLE right behind FROM'))
    : under(copyForms.authorization, new Refusal('42601', 'CREDENTIALS argument is required but not found'));
}

const flags = [
  ...['manifest', 'gzip', 'truncatecolumns', 'emptyasnull', 'blanksasnull', 'trimblanks', 'acceptanydate', 'roundec'],
  ...['explicit_ids', 'noload', 'fillrecord', 'ignoreallerrors', 'csv', 'escape', 'ignoreblanklines', 'removequotes'],
];
const texts = ['region', 'timeformat', 'dateformat', 'delimiter', 'fixedwidth', 'null'];
const numbers = ['maxerror', 'readratio', 'ignoreheader'];
const switches = ['statupdate', 'compupdate'];
const unknownHere = [
  'bzip2',
  'zstd',
  'lzop',
  'encoding',
  'job',
  'serializetojson',
  'encrypted',
  'ssh',
  'avro',
  'orc',
  'shapefile',
];

type Read = Pick<CopyCommand, 'format' | 'json' | 'options'>;

function readOptions(tokens: readonly Token[], start: number): Read {
  const options = new Map<string, string | true>();
  let format: 'json' | 'parquet' | undefined;
  let json = 'auto';
  const as = (at: number) => (isWord(tokens[at], 'as') ? at + 1 : at);
  for (let at = start; tokens[at]?.kind !== 'end'; ) {
    const name = tokens[at]?.kind === 'word' ? (tokens[at]?.value ?? '') : '';
    const value = as(at + 1);
    if (options.has(name)) throw under(copyForms.twice, new Refusal('42601', `conflicting or redundant options`));
    if (name === 'format') at = value;
    else if (name === 'json') {
      format = 'json';
      const given = tokens[value]?.kind === 'string';
      json = given ? textOf(tokens[value]) : 'auto';
      at = given ? value + 1 : at + 1;
    } else if (name === 'parquet') {
      format = 'parquet';
      at += 1;
    } else at = readOption(tokens, at, value, options);
  }
  if (format === undefined) throw notEmulated('COPY of delimited files');
  return { format, json, options };
}

// Reads one option into the map and gives the place behind it.
function readOption(tokens: readonly Token[], at: number, value: number, options: Map<string, string | true>): number {
  const name = tokens[at]?.value ?? '';
  if (tokens[at]?.kind !== 'word') throw syntaxError(tokens[at]?.text ?? '');
  if (unknownHere.includes(name)) throw notEmulated(`COPY ${name.toUpperCase()}`);
  if (flags.includes(name)) options.set(name, true);
  else if (texts.includes(name)) options.set(name, textOf(tokens[value]));
  else if (numbers.includes(name)) options.set(name, tokens[value]?.text ?? '');
  else if (name === 'acceptinvchars') {
    const given = tokens[value]?.kind === 'string';
    options.set(name, given ? textOf(tokens[value]) : '?');
    return given ? value + 1 : at + 1;
  } else if (switches.includes(name)) {
    const given = isWord(tokens[at + 1], 'on', 'off', 'true', 'false', 'preset');
    options.set(name, given ? (tokens[at + 1]?.value ?? '') : 'on');
    return given ? at + 2 : at + 1;
  } else throw under(copyForms.unknown, syntaxError(name));
  return flags.includes(name) ? at + 1 : value + 1;
}

const notWithJson = [
  'csv',
  'delimiter',
  'escape',
  'fillrecord',
  'fixedwidth',
  'ignoreblanklines',
  'null',
  'readratio',
  'removequotes',
];
const withParquet = ['manifest', 'statupdate', 'fillrecord', 'acceptinvchars', 'explicit_ids'];

function checkOptions({ format, options }: CopyCommand): void {
  const names = [...options.keys()];
  if (format === 'json')
    refuse(
      copyForms.json,
      names.find((name) => notWithJson.includes(name)),
      (name) => `${name} is not supported for COPY from JSON`,
    );
  else
    refuse(
      copyForms.parquet,
      names.find((name) => !withParquet.includes(name)),
      (name) => `${name} argument is not supported for PARQUET based COPY`,
    );
  const time = options.get('timeformat');
  const keyword =
    typeof time === 'string' && /^(auto|epochsecs|epochmillisecs)$/i.test(time) && time !== time.toLowerCase();
  refuse(copyForms.timeFormat, keyword ? String(time) : undefined, (text) => `Invalid TIMEFORMAT '${text}'`);
  const maxError = Number(options.get('maxerror') ?? 0);
  const outside = !Number.isInteger(maxError) || maxError < 0 || maxError > 100_000;
  const clash = options.has('maxerror') && options.has('ignoreallerrors');
  refuse(
    copyForms.maxError,
    outside || clash ? 'maxerror' : undefined,
    (name) => `${name} must be between 0 and 100000, and alone`,
  );
}

function refuse(form: RefusedForm, found: string | undefined, say: (name: string) => string): void {
  if (found !== undefined) throw under(form, new Refusal('0A000', say(found.toUpperCase())));
}
