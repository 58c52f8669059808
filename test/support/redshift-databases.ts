import { inject } from 'vitest';
import { execute } from './postgres-databases.ts';

let created = 0;

/** An empty database of the stand-in for Redshift, with a landing prefix of its own, as a target. */
export function createRedshift(): { readonly target: string; remove(): void } {
  const { url, template, owner } = inject('redshift');
  const { bucket, env } = inject('s3');
  Object.assign(process.env, env);
  const name = `warehouse_${process.pid}_${created++}`;
  execute(`create database ${name} template ${template} owner ${owner}`);
  return {
    target: redshiftTarget(`${url}${name}`, bucket, name),
    remove: () => execute(`drop database if exists ${name} with (force)`),
  };
}

/** The target of a database of a stand-in, from the URL that a PostgreSQL client takes. */
export function redshiftTarget(url: string, bucket: string, landing: string): string {
  const role = 'arn:aws:iam::123456789012:role/redshift-copy';
  return `${url.replace(/^postgres/, 'redshift')}?iam_role=${role}&landing=s3://${bucket}/landing/${landing}&sslmode=disable`;
}
