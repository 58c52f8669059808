import type { Address } from '../src/engines/redshift/address.ts';

export interface Concealed {
  readonly address: Address;
  /** undefined where none was read. */
  readonly root: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const secretVariables = ['PGPASSWORD', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_ACCESS_KEY_ID'] as const;

/**
 * A text for others to read: without secrets, and without what tells whose warehouse it is (host, accounts, role,
 * buckets), which words stand for.
 */
export function conceal(text: string, { address, root, environment }: Concealed): string {
  const { host, login, iamRole, landing } = address;
  const secrets = secretVariables.map((name) => environment[name]);
  const words: readonly (readonly [string | undefined, string])[] = [
    [login.kind === 'password' ? login.password : undefined, 'SECRET'],
    ...secrets.map((value) => [value, 'SECRET'] as const),
    [login.kind === 'secret' ? login.arn : undefined, 'SECRET_ARN'],
    [iamRole === 'default' ? undefined : iamRole, 'IAM_ROLE'],
    [landing && `${landing.bucket}/${landing.prefix}`, 'LANDING'],
    // Some errors name the key alone.
    [landing && `${landing.prefix}/`, 'PREFIX/'],
    [landing?.bucket, 'LANDING_BUCKET'],
    [host, 'HOST'],
    [root, 'ROOT'],
  ];
  const concealed = words.reduce(
    (rest, [word, placeholder]) => (word ? rest.replaceAll(word, placeholder) : rest),
    text,
  );
  return concealed.replaceAll(/\b\d{12}\b/g, 'ACCOUNT');
}
