import { codeOf, messageOf, SparkifyError } from '../../errors.ts';

/** Why AWS gave no user and password. What it said is kept as far as it holds no secret: name and message. */
export function credentialsFailure(what: string, error: unknown): SparkifyError {
  if (error instanceof SparkifyError) return error;
  const name = codeOf(error) ?? 'Error';
  const {
    says,
    hint,
    retryable = false,
  } = reasons.find(({ when }) => when.test(`${name} ${messageOf(error)}`)) ?? {
    says: `AWS answered ${name}`,
    hint: 'Ask AWS by hand to read what it says: aws redshift-serverless get-credentials, redshift get-cluster-credentials-with-iam or secretsmanager get-secret-value.',
  };
  return new SparkifyError('TARGET_UNUSABLE', `There are no credentials for the ${what}: ${says}.`, {
    hint,
    cause: new Error(`${name}: ${messageOf(error)}`),
    details: { reason: name },
    retryable,
  });
}

const policies =
  'Allow redshift-serverless:GetCredentials on the workgroup, redshift:GetClusterCredentialsWithIAM on the dbname, or secretsmanager:GetSecretValue on the secret.';

const reasons: readonly { when: RegExp; says: string; hint: string; retryable?: boolean }[] = [
  {
    when: /^(CredentialsProviderError|TokenProviderError)/,
    says: 'there are none of AWS to ask with',
    hint: 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; `aws sts get-caller-identity` tests them.',
  },
  {
    when: /^Expired/,
    says: 'those of AWS have expired',
    hint: 'Sign in again, for instance with `aws sso login`.',
  },
  { when: /^(AccessDenied|UnauthorizedOperation)/, says: 'AWS does not allow it', hint: policies },
  {
    when: /^(UnrecognizedClient|InvalidClientTokenId|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature)/,
    says: 'AWS does not accept those it was asked with',
    hint: '`aws sts get-caller-identity` tests them.',
  },
  {
    when: /^(ResourceNotFound|ClusterNotFound)/,
    says: 'AWS knows none of that name',
    hint: 'Look at the host, or &workgroup, &cluster, &secret and &region of the target.',
  },
  {
    when: /^(Throttling|TooManyRequests|ServiceUnavailable|InternalServer|InternalFailure)/,
    says: 'AWS is too busy',
    hint: 'Run again in a moment.',
    retryable: true,
  },
  {
    // The SDK's error has no name of its own.
    when: /^Error Region is missing/,
    says: 'no region is known to ask AWS in',
    hint: 'Add &region=REGION to --target, that of the workgroup or cluster; or set AWS_REGION.',
  },
  {
    when: /^(E[A-Z]+|TimeoutError) /,
    says: 'AWS did not answer',
    hint: 'Look at the network and at &region of the target; a private subnet needs endpoints for these services.',
    retryable: true,
  },
];
