import { SparkifyError } from '../../errors.ts';
import { type Place, textToMatch, wireErrorOf } from './place.ts';

/** Why no connection could be opened. */
export function openFailure({ shown }: Place, cause: unknown): SparkifyError {
  if (cause instanceof SparkifyError) return cause;
  const error = wireErrorOf(firstOf(cause));
  const {
    what,
    hint,
    retryable = false,
  } = reasons.find(({ when }) => when.test(textToMatch(error))) ?? {
    what: `cannot be opened: ${error.message || error.code}`,
    hint: 'Look at host, port and settings in --target.',
  };
  return new SparkifyError('TARGET_UNUSABLE', `${shown} ${what}.`, {
    hint,
    cause,
    details: { target: shown, ...(/^\w{5}$/.test(error.code) && { sqlState: error.code }) },
    retryable,
  });
}

/** A host with several addresses fails with an error for each. */
function firstOf(error: unknown): unknown {
  return error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
}

const network =
  'Look at host and port. A warehouse is open to its VPC only, unless it is publicly accessible; its security group must let this machine in on that port.';

/** Of `code message detail`; the first that fits counts. */
const reasons: readonly { when: RegExp; what: string; hint: string; retryable?: boolean }[] = [
  { when: /^ECONNREFUSED/, what: 'does not take connections: nothing listens there', hint: network, retryable: true },
  {
    when: /^(ENOTFOUND|EAI_AGAIN)/,
    what: 'cannot be found: its host has no address',
    hint: 'Look at the host in --target; a workgroup that was deleted has none.',
    retryable: true,
  },
  {
    when: /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)|timeout expired/,
    what: 'does not answer',
    hint: `${network} &connect_timeout=90 waits longer for one that is being resumed.`,
    retryable: true,
  },
  {
    when: /Unknown authenticationOk message type/,
    what: 'asks for the password in a way that the driver does not know',
    hint: 'The password of this user is kept as SHA-256. Log in by IAM, or have it set anew as MD5: alter user NAME password …',
  },
  {
    when: /^(28P01|28000)|password authentication failed|password must be a/,
    what: 'does not take this user with this password',
    hint: 'Give the password in --target or PGPASSWORD (in a URL, @ / : ? # % are written %40 %2F %3A %3F %23 %25); temporary ones count for an hour at most.',
  },
  { when: /^28/, what: 'does not let this user in', hint: 'Look at the user in --target.' },
  {
    when: /^3D000|database .* does not exist/,
    what: 'is a database that does not exist',
    hint: 'Look at the name behind the last / of --target; `dev` is there from the beginning.',
  },
  {
    when: /^42501/,
    what: 'does not let this user connect',
    hint: 'An administrator lets it in: grant connect on database, or alter user.',
  },
  {
    when: /^53300|too many connections|connection limit/i,
    what: 'has no connection left',
    hint: 'End some sessions (stv_sessions lists them), then run again.',
    retryable: true,
  },
  { when: /^57P0/, what: 'is starting up or shutting down', hint: 'Run again in a moment.', retryable: true },
  {
    when: /does not support SSL/,
    what: 'does not offer TLS',
    hint: 'It may be no Redshift: every warehouse offers it.',
  },
  {
    when: /ALTNAME/,
    what: 'shows a certificate of another name',
    hint: "Connect by the warehouse's own endpoint, not by an address or another name.",
  },
  {
    when: /CERT_HAS_EXPIRED/,
    what: 'shows a certificate that has expired',
    hint: 'Look at the clock of this machine.',
  },
  {
    when: /CERT|UNABLE_TO_|SELF_SIGNED/,
    what: "shows a certificate that Amazon's authorities have not signed",
    hint: 'Connect without a proxy that reads along, or name the authority to trust by &sslrootcert=FILE.',
  },
  {
    when: /^(ECONNRESET|EPIPE|EPROTO|ERR_SSL)|terminated/,
    what: 'broke the connection off',
    hint: 'Look at host and port in --target; it may be no Redshift, or be paused.',
    retryable: true,
  },
];
