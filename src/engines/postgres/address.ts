import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { ClientConfig } from 'pg';
import { z } from 'zod';
import { codeOf, SparkifyError } from '../../errors.ts';
import { isTornPassword } from '../torn-password.ts';
import { settingNames } from './shown-target.ts';

/** What a target says. What it leaves out, pg takes from `PGHOST`, `PGUSER`, `PGPASSWORD` and the like. */
export interface Address {
  readonly config: ClientConfig;
  /** Whether a server without TLS will do. */
  readonly mayBePlain: boolean;
  /** As PostgreSQL writes them; undefined where nothing is said. */
  readonly statementTimeout: string | undefined;
  readonly lockTimeout: string | undefined;
}

const duration = z.string().regex(/^\d+(ms|s|min|h)?$/, { error: 'must be written like 500ms, 30s, 5min or 0' });

/** No more than a timer of Node can wait. */
const seconds = z
  .string()
  .regex(/^[1-9]\d{0,5}$/, { error: 'must be a whole number of seconds from 1 to 999999, like 30' })
  .transform(Number);

const settingsSchema = z.strictObject({
  sslmode: z.enum(['disable', 'prefer', 'require', 'verify-ca', 'verify-full']).optional(),
  sslrootcert: z.string().optional(),
  sslcert: z.string().optional(),
  sslkey: z.string().optional(),
  host: z.string().optional(),
  options: z.string().optional(),
  connect_timeout: seconds.optional(),
  statement_timeout: duration.optional(),
  lock_timeout: duration.optional(),
} satisfies Record<(typeof settingNames)[number], z.ZodType>);

type Settings = z.infer<typeof settingsSchema>;

/** @throws TARGET_INVALID, without the target, which may hold a password */
export function parseAddress(target: string): Address {
  const url = parseUrl(target);
  if (url.port === '') confirmPort(process.env.PGPORT);
  const settings = parseSettings(url);
  const sslmode = settings.sslmode ?? process.env.PGSSLMODE ?? 'prefer';
  const isSocket = settings.host?.startsWith('/') ?? false;
  return {
    config: {
      ...given('host', settings.host ?? url.hostname.replace(/^\[(.*)\]$/, '$1')),
      ...given('port', url.port && Number(url.port)),
      ...given('user', decoded(url.username)),
      ...given('password', decoded(url.password)),
      ...given('database', decoded(url.pathname.slice(1))),
      ...given('options', settings.options),
      ssl: isSocket ? false : tlsOptions({ ...settings, sslmode: parseMode(sslmode) }),
      connectionTimeoutMillis: (settings.connect_timeout ?? 10) * 1_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 30_000,
    },
    mayBePlain: sslmode === 'prefer',
    statementTimeout: settings.statement_timeout,
    lockTimeout: settings.lock_timeout,
  };
}

function parseUrl(target: string): URL {
  if (!URL.canParse(target)) throw invalid('The target is no URL.');
  const url = new URL(target);
  if (!isTornPassword(url, settingNames)) return url;
  throw invalid(
    'The target cannot be taken apart: a character of its password has another meaning in a URL, or a setting is unknown.',
  );
}

/** Of the environment, which pg would take for a number whatever it is. Empty is as good as not set. */
function confirmPort(port = ''): void {
  if (port === '' || (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) return;
  throw invalid(
    'PGPORT is set to something that is no port.',
    'Set it to a number from 1 to 65535, unset it, or name the port in --target.',
  );
}

const form = 'Write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE';

/** The cause is left out: it may quote the target. */
function invalid(
  message: string,
  hint = `${form}; characters like @ / : ? # % in a password are written %40 %2F %3A %3F %23 %25.`,
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

function parseSettings({ searchParams }: URL): Settings {
  const parsed = settingsSchema.safeParse(Object.fromEntries(searchParams));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ code, path, message, ...issue }) =>
    code === 'unrecognized_keys' && 'keys' in issue ? `there is no ${issue.keys}` : `${path.join('.')}: ${message}`,
  );
  throw invalid(
    `The settings behind the ? of the target are wrong: ${problems.join('; ')}.`,
    `Settings are ${settingNames.join(', ')}.`,
  );
}

function parseMode(mode: string): NonNullable<Settings['sslmode']> {
  const parsed = settingsSchema.shape.sslmode.unwrap().safeParse(mode);
  if (parsed.success) return parsed.data;
  throw invalid(
    'PGSSLMODE is set to a mode there is not.',
    `Modes are ${settingsSchema.shape.sslmode.unwrap().options.join(', ')}.`,
  );
}

/** As libpq understands the modes; `prefer` is its default. */
function tlsOptions({ sslmode, sslrootcert, sslcert, sslkey }: Settings): false | ConnectionOptions {
  if (sslmode === 'disable') return false;
  if (sslmode === 'verify-ca' && sslrootcert === undefined) {
    throw invalid('sslmode=verify-ca needs the certificate to trust.', 'Add &sslrootcert=FILE, or use verify-full.');
  }
  const verifiesChain =
    sslmode === 'verify-full' || sslmode === 'verify-ca' || (sslmode === 'require' && sslrootcert !== undefined);
  return {
    rejectUnauthorized: verifiesChain,
    ...(verifiesChain && sslmode !== 'verify-full' && { checkServerIdentity: () => undefined }),
    ...(sslrootcert !== undefined && sslrootcert !== 'system' && { ca: readPem(sslrootcert) }),
    ...(sslcert !== undefined && { cert: readPem(sslcert) }),
    ...(sslkey !== undefined && { key: readPem(sslkey) }),
  };
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw invalid(
      `The certificate or key ${path} cannot be read: ${codeOf(error)}.`,
      'Name a PEM file that this user may read.',
    );
  }
}

function given<K extends keyof ClientConfig>(name: K, value: ClientConfig[K] | ''): Pick<ClientConfig, K> | undefined {
  return value === undefined || value === '' ? undefined : ({ [name]: value } as Pick<ClientConfig, K>);
}
