import { SparkifyError } from '../../errors.ts';
import { isTornPassword } from '../torn-password.ts';
import { type Endpoint, endpointOf, isLoopback } from './endpoint.ts';
import { settingNames } from './shown-target.ts';

/** How one gets in. */
export type Login =
  /** Without a password, that of PGPASSWORD. */
  | { readonly kind: 'password'; readonly user: string; readonly password: string | undefined }
  /** A secret of Secrets Manager with `username` and `password`. */
  | { readonly kind: 'secret'; readonly arn: string }
  /** Temporary credentials of whoever the AWS SDK finds. */
  | { readonly kind: 'iam'; readonly endpoint: Endpoint };

/** A place in S3: keys begin with `prefix`, which has no slash at its ends and is not empty. */
export interface LandingPlace {
  readonly bucket: string;
  readonly prefix: string;
}

/** What a target says. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly login: Login;
  /** Of the warehouse; undefined for what the AWS SDK finds. */
  readonly region: string | undefined;
  /** Of COPY. Who only reads needs none. */
  readonly iamRole: string | undefined;
  /** Where parts are put. Who only reads needs none. */
  readonly landing: LandingPlace | undefined;
  /** How lines framed one a line come in: parsed by this tool, or by COPY from the source's bucket. */
  readonly copy: 'landed' | 'direct';
  /** 'off' for a server on this machine alone. */
  readonly tls: 'verify' | 'off';
  /** A PEM file with the authorities to trust instead of Amazon's. */
  readonly rootCertificate: string | undefined;
  readonly connectTimeoutMs: number;
  /** 0 for none. */
  readonly statementTimeoutMs: number;
}

type Settings = Readonly<Partial<Record<(typeof settingNames)[number], string>>>;

/** @throws TARGET_INVALID, without the target, which may hold a password */
export function parseAddress(target: string): Address {
  if (!URL.canParse(target)) throw invalid('The target is no URL.');
  const url = new URL(target);
  if (isTornPassword(url, settingNames))
    throw invalid(
      'The target cannot be taken apart: a character of its password has another meaning in a URL, or a setting is unknown.',
    );
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (host === '') throw invalid('The target names no host.');
  const settings = parseSettings(url.searchParams);
  return {
    host,
    port: url.port === '' ? 5439 : Number(url.port),
    database: decoded(url.pathname.slice(1)) || 'dev',
    login: parseLogin(url, host, settings),
    region: settings.region ?? endpointOf(host)?.region,
    iamRole: parseRole(settings.iam_role),
    landing: parseLanding(settings.landing),
    copy: parseCopy(settings.copy),
    tls: parseTls(settings.sslmode, host),
    rootCertificate: settings.sslrootcert,
    connectTimeoutMs: parseDuration('connect_timeout', settings.connect_timeout ?? '60', 's'),
    statementTimeoutMs: parseDuration('statement_timeout', settings.statement_timeout ?? '6h', 'ms'),
  };
}

const form =
  'Write it as redshift://USER:PASSWORD@HOST:5439/DATABASE?iam_role=ARN&landing=s3://BUCKET/PREFIX; without USER it logs in by IAM';

function invalid(
  message: string,
  hint = `${form}. Characters like @ / : ? # % in a password are written %40 %2F %3A %3F %23 %25.`,
) {
  return new SparkifyError('TARGET_INVALID', message, { hint });
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid('The target has a % that no two digits follow.');
  }
}

function parseSettings(parameters: URLSearchParams): Settings {
  const names: readonly string[] = settingNames;
  const wrong = [...parameters.keys()].filter(
    (name, index, all) => !names.includes(name) || all.indexOf(name) !== index || parameters.get(name) === '',
  );
  if (wrong.length === 0) return Object.fromEntries(parameters);
  throw invalid(
    `The settings behind the ? of the target are wrong: ${wrong.join(', ')} is unknown, empty or given twice.`,
    `Settings are ${names.join(', ')}.`,
  );
}

function parseLogin(url: URL, host: string, { secret, workgroup, cluster, region }: Settings): Login {
  const user = decoded(url.username);
  if ([user, secret, workgroup ?? cluster].filter(Boolean).length > 1 || (workgroup && cluster)) {
    throw invalid(
      'The target names more than one way to log in.',
      'Give a user, &secret=ARN, &workgroup=NAME or &cluster=NAME.',
    );
  }
  if (user !== '') return { kind: 'password', user, password: decoded(url.password) || undefined };
  if (secret !== undefined) return { kind: 'secret', arn: secret };
  const found = endpointOf(host);
  const name = workgroup ?? cluster;
  const endpoint: Endpoint | undefined =
    name === undefined
      ? found
      : { kind: workgroup === undefined ? 'cluster' : 'workgroup', name, region: region ?? found?.region ?? '' };
  if (endpoint) return { kind: 'iam', endpoint };
  throw invalid(
    'The target names no user, and its host does not tell which workgroup or cluster to ask for credentials.',
    `Add &workgroup=NAME or &cluster=NAME, or a user. ${form}.`,
  );
}

/** Also the forms that COPY has besides: a chain of ARNs, and `default` (facts 1.1). */
function parseRole(role: string | undefined): string | undefined {
  if (role === undefined || role === 'default') return role;
  if (role.split(',').every((arn) => /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(arn))) return role;
  throw invalid(
    'The iam_role of the target is no role.',
    'Write &iam_role=arn:aws:iam::123456789012:role/NAME, or default.',
  );
}

/** Plain characters only: COPY reports others escaped, and a double slash is another key to it (facts 1.10). */
function parseLanding(landing: string | undefined): LandingPlace | undefined {
  if (landing === undefined) return undefined;
  const [, bucket = '', prefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.*?)\/?$/.exec(landing) ?? [];
  if (bucket !== '' && /^[\w.-]+(\/[\w.-]+)*$/.test(prefix)) return { bucket, prefix };
  throw invalid(
    'The landing of the target is no prefix in a bucket.',
    'Write &landing=s3://BUCKET/PREFIX, the prefix in letters, digits and / _ . - only.',
  );
}

function parseCopy(mode = 'landed'): Address['copy'] {
  if (mode === 'landed' || mode === 'direct') return mode;
  throw invalid(
    'The copy of the target is no way to load.',
    'Write copy=landed, or copy=direct; landed is the default.',
  );
}

/** Always with TLS and verified (facts 3.9); a server for tests on the same machine may do without. */
function parseTls(mode = 'verify-full', host: string): Address['tls'] {
  if (mode === 'verify-full') return 'verify';
  if (mode === 'disable' && isLoopback(host)) return 'off';
  throw invalid(
    'Connections to Redshift are encrypted and verified.',
    'Leave sslmode out; sslmode=disable is for a server on this machine.',
  );
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 };

/** A number alone counts in what clients of PostgreSQL (`connect_timeout`) or its server (`statement_timeout`) take it for. */
function parseDuration(name: string, text: string, defaultUnit: 's' | 'ms'): number {
  const [, count, unit = defaultUnit] = /^(\d+)(ms|s|min|h)?$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * (unitMs[unit] ?? 1);
  throw invalid(`The ${name} of the target is no time.`, 'Write it like 500ms, 30s, 5min, 6h or 0.');
}

/** The role that COPY takes on, which a reader does not need. @throws TARGET_INVALID where the target names none */
export function roleOf({ iamRole }: Address): string {
  if (iamRole !== undefined) return iamRole;
  throw new SparkifyError('TARGET_INVALID', 'The target names no role for COPY.', {
    hint: 'Add &iam_role=ARN of a role that is attached to the warehouse and may read the landing prefix, or &iam_role=default.',
  });
}
