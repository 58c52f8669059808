import type { RefusedForm } from '../rules/rule.ts';

function form(name: string, fact: string, ...examples: readonly string[]): RefusedForm {
  return { name, fact, examples };
}

const role = "iam_role 'arn:aws:iam::123456789012:role/redshift-copy'";
const from = `copy t from 's3://test-bucket/none/' ${role}`;

/** What COPY refuses before it reads anything; found while it is taken apart. */
export const copyForms = {
  authorization: form('COPY without IAM_ROLE', '1.1', "copy t from 's3://test-bucket/none/' format json 'auto'"),
  authorizationFirst: form(
    'COPY options in front of the authorization',
    '1.1 (left open)',
    `copy t from 's3://test-bucket/none/' format json 'auto' ${role}`,
  ),
  json: form(
    'COPY JSON with options of delimited files',
    '1.4',
    ...[
      'csv',
      "delimiter ','",
      'escape',
      'fillrecord',
      "fixedwidth 'a:1'",
      'ignoreblanklines',
      "null as ''",
      'readratio 1',
      'removequotes',
    ].map((option) => `${from} format json 'auto' ${option}`),
  ),
  parquet: form(
    'COPY PARQUET with options of text files',
    '4.1, dg:copy-usage_notes-copy-from-columnar',
    ...[
      'maxerror 1',
      'truncatecolumns',
      'compupdate off',
      'acceptanydate',
      'emptyasnull',
      "timeformat 'auto'",
      'gzip',
      "region 'us-east-1'",
      'roundec',
    ].map((option) => `${from} format as parquet ${option}`),
  ),
  timeFormat: form(
    'COPY TIMEFORMAT keywords in other than lower case',
    '1.8',
    `${from} format json 'auto' timeformat 'EPOCHMILLISECS'`,
    `${from} format json 'auto' timeformat 'Auto'`,
  ),
  maxError: form(
    'COPY MAXERROR above 100,000, or with IGNOREALLERRORS',
    '1.9',
    `${from} format json 'auto' maxerror 100001`,
    `${from} format json 'auto' maxerror 3 ignoreallerrors`,
  ),
  twice: form('a COPY option given twice', '1.1', `${from} format json 'auto' gzip gzip`),
  unknown: form(
    'COPY options that do not exist',
    '1.1',
    `${from} format json 'auto' header`,
    `${from} format as arrow`,
  ),
  parameters: form(
    'bind parameters in COPY',
    '3.9',
    `copy t from 's3://test-bucket/none/' iam_role $1 format json 'auto'`,
  ),
} as const;
