import { SparkifyError } from '../../errors.ts';
import type { Address } from './address.ts';
import { credentialsFailure } from './credentials-failure.ts';
import type { Endpoint } from './endpoint.ts';

/** What one logs in with. */
export interface Credentials {
  readonly user: string;
  /** undefined for pg to take `PGPASSWORD`. */
  readonly password: string | undefined;
}

/** Temporary ones are asked for anew for each connection: they count for logging in, not for what is open (facts 3.11). */
export async function findCredentials({ login, database, region }: Address): Promise<Credentials> {
  switch (login.kind) {
    case 'password':
      return { user: login.user, password: login.password };
    case 'secret':
      return askFor(login.arn, () => readSecret(login.arn, login.arn.split(':')[3] || region));
    case 'iam':
      return askFor(`${login.endpoint.kind} ${login.endpoint.name}`, () => temporary(login.endpoint, database));
  }
}

async function askFor(what: string, ask: () => Promise<Credentials>): Promise<Credentials> {
  try {
    return await ask();
  } catch (error) {
    throw credentialsFailure(what, error);
  }
}

async function readSecret(arn: string, region: string | undefined): Promise<Credentials> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient(region ? { region } : {});
  const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  client.destroy();
  const { username, password } = parsed(SecretString);
  if (typeof username === 'string' && typeof password === 'string') return { user: username, password };
  throw new SparkifyError('TARGET_INVALID', 'The secret of the target has no username and password.', {
    hint: 'A secret that Redshift manages has them; another one holds {"username": "…", "password": "…"}.',
    details: { secret: arn },
  });
}

/** Its text is not repeated, whatever it is. */
function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/** The longest there is (facts 3.11), for a queue at the door. */
const lifeSeconds = 3_600;

async function temporary({ kind, name, region }: Endpoint, database: string): Promise<Credentials> {
  const config = region === '' ? {} : { region };
  return kind === 'workgroup' ? ofWorkgroup(name, database, config) : ofCluster(name, database, config);
}

async function ofWorkgroup(workgroupName: string, dbName: string, config: { region?: string }): Promise<Credentials> {
  const { GetCredentialsCommand, RedshiftServerlessClient } = await import('@aws-sdk/client-redshift-serverless');
  const client = new RedshiftServerlessClient(config);
  const answer = await client.send(new GetCredentialsCommand({ workgroupName, dbName, durationSeconds: lifeSeconds }));
  client.destroy();
  return { user: answer.dbUser ?? '', password: answer.dbPassword };
}

async function ofCluster(ClusterIdentifier: string, DbName: string, config: { region?: string }): Promise<Credentials> {
  const { GetClusterCredentialsWithIAMCommand, RedshiftClient } = await import('@aws-sdk/client-redshift');
  const client = new RedshiftClient(config);
  const command = new GetClusterCredentialsWithIAMCommand({ ClusterIdentifier, DbName, DurationSeconds: lifeSeconds });
  const answer = await client.send(command);
  client.destroy();
  return { user: answer.DbUser ?? '', password: answer.DbPassword };
}
