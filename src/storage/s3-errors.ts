import { codeOf, type ErrorCode, messageOf, SparkifyError } from '../errors.ts';

/** What was being done when S3 or the network failed. */
export interface S3Attempt {
  readonly bucket: string;
  readonly host: string;
  /** The object being read, or undefined while listing. */
  readonly uri?: string;
}

/** The parts of an SDK error that are looked at; all may be missing. */
interface S3Failure {
  readonly name: string;
  readonly status: number | undefined;
  readonly region: string | undefined;
}

const noCredentials = ['CredentialsProviderError', 'TokenProviderError', 'InvalidIdentityToken'];
const wrongCredentials = [
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'AuthorizationHeaderMalformed',
  'InvalidSecurity',
  'InvalidToken',
];
const wrongRegion = ['PermanentRedirect', 'IllegalLocationConstraintException'];
const overloaded = ['SlowDown', 'ServiceUnavailable', 'InternalError', 'RequestTimeout', 'ThrottlingException'];
const network = /^(E(?!RR_)[A-Z_]+|ERR_SOCKET.*|TimeoutError)$/;
const tls = /CERT|^ERR_(SSL|TLS)|^UNABLE_TO_|^EPROTO$/;

/**
 * The SparkifyError for whatever the SDK threw. Its `cause` keeps name and message only: the SDK's own error also holds
 * headers, and for a wrong signature the string that was signed.
 */
export function s3Error(error: unknown, attempt: S3Attempt): SparkifyError {
  if (error instanceof SparkifyError) return error;
  const failure = failureOf(error);
  const [code, message, hint, retryable = false] =
    missing(failure, attempt) ??
    refused(failure, attempt) ??
    unreachable(failure, attempt) ??
    unexpected(failure, attempt);
  const said = messageOf(error);
  return new SparkifyError(code, message, {
    hint,
    retryable,
    cause: new Error(said === failure.name ? said : `${failure.name}: ${said}`),
    details: { ...subjectOf(attempt), reason: failure.name, ...(failure.region && { region: failure.region }) },
  });
}

type Verdict = readonly [code: ErrorCode, message: string, hint: string, retryable?: boolean];

function missing({ name, status }: S3Failure, { bucket, uri }: S3Attempt): Verdict | undefined {
  if (name === 'NoSuchBucket' || name === 'InvalidBucketName') {
    return [
      'ROOT_NOT_FOUND',
      `The bucket ${bucket} does not exist.`,
      'Check the name; `aws s3 ls` lists your buckets.',
    ];
  }
  if (uri === undefined) return undefined;
  const again = 'Run again: the next listing sees it as it is now.';
  if (status === 404) return ['OBJECT_CHANGED', `${uri} was removed after it was listed.`, again, true];
  if (status === 412) return ['OBJECT_CHANGED', `${uri} was replaced after it was listed.`, again, true];
  if (name !== 'InvalidObjectState') return undefined;
  return ['OBJECT_UNREADABLE', `${uri} is archived.`, 'Restore it first: aws s3api restore-object.'];
}

function refused(failure: S3Failure, attempt: S3Attempt): Verdict | undefined {
  const { name, status, region } = failure;
  const what = attempt.uri ?? `the bucket ${attempt.bucket}`;
  if (region !== undefined || wrongRegion.includes(name) || status === 301) return elsewhere(attempt, region);
  if (noCredentials.includes(name)) {
    return ['STORAGE_DENIED', `There are no AWS credentials to read ${what} with.`, giveCredentials];
  }
  if (wrongCredentials.includes(name)) {
    return ['STORAGE_DENIED', `S3 does not accept the credentials for ${what} (${name}).`, giveCredentials];
  }
  if (name === 'ExpiredToken' || name === 'ExpiredTokenException') {
    return [
      'STORAGE_DENIED',
      `The AWS credentials for ${what} have expired.`,
      'Sign in again, for instance with `aws sso login`.',
    ];
  }
  if (name === 'RequestTimeTooSkewed') {
    return ['STORAGE_DENIED', `S3 refused ${what}: the clock of this machine is wrong.`, 'Set the clock.'];
  }
  if (status !== 401 && status !== 403) return undefined;
  return ['STORAGE_DENIED', `Access to ${what} is denied.`, neededPolicy(attempt)];
}

function unreachable({ name, status }: S3Failure, { host, uri, bucket }: S3Attempt): Verdict | undefined {
  const what = uri ?? `the bucket ${bucket}`;
  if (overloaded.includes(name) || status === 429 || (status !== undefined && status >= 500 && status !== 501)) {
    return ['STORAGE_UNREACHABLE', `${host} could not serve ${what} (${name}).`, 'Try again later.', true];
  }
  if (tls.test(name)) {
    const hint = 'Name the authority that signed it in NODE_EXTRA_CA_CERTS, or correct AWS_ENDPOINT_URL.';
    return ['STORAGE_UNREACHABLE', `The TLS certificate or protocol of ${host} is not accepted (${name}).`, hint];
  }
  if (!network.test(name)) return undefined;
  const hint = 'Check the network, the region (AWS_REGION) and the endpoint (AWS_ENDPOINT_URL), then try again.';
  return ['STORAGE_UNREACHABLE', `${host} did not answer for ${what} (${name}).`, hint, true];
}

function unexpected({ name, status }: S3Failure, { host, uri, bucket }: S3Attempt): Verdict {
  const how = status === undefined ? name : `${name}, HTTP status ${status}`;
  const hint = 'The cause has what the store said. An endpoint must speak the S3 protocol.';
  if (uri !== undefined) return ['OBJECT_UNREADABLE', `${host} did not deliver ${uri} (${how}).`, hint];
  return ['STORAGE_UNREACHABLE', `${host} did not list the bucket ${bucket} (${how}).`, hint];
}

const giveCredentials =
  'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for temporary ones), or AWS_PROFILE; `aws sts get-caller-identity` tests them.';

function elsewhere({ bucket, host }: S3Attempt, region: string | undefined): Verdict {
  if (region === undefined) {
    return [
      'STORAGE_DENIED',
      `The bucket ${bucket} is not in the region of ${host}.`,
      "Set AWS_REGION to the bucket's region.",
    ];
  }
  return ['STORAGE_DENIED', `The bucket ${bucket} is in ${region}, not at ${host}.`, `Set AWS_REGION=${region}.`];
}

function neededPolicy({ bucket, uri }: S3Attempt): string {
  const needs =
    uri === undefined
      ? `s3:ListBucket on arn:aws:s3:::${bucket}`
      : `s3:GetObject on arn:aws:s3:::${uri.slice('s3://'.length)} (and kms:Decrypt where it is encrypted with a KMS key)`;
  return `The policy of the user or role must allow ${needs}.`;
}

function subjectOf({ bucket, uri }: S3Attempt): Record<string, string> {
  return uri === undefined ? { bucket } : { bucket, uri };
}

function failureOf(error: unknown): S3Failure {
  const parts = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  const { httpStatusCode } = fieldsOf(parts.$metadata);
  const headers = fieldsOf(fieldsOf(parts.$response).headers);
  const region = headers['x-amz-bucket-region'] ?? parts.Region;
  return {
    name: codeOf(error) ?? 'Error',
    status: typeof httpStatusCode === 'number' ? httpStatusCode : undefined,
    region: typeof region === 'string' ? region : undefined,
  };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
