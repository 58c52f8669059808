import type { StatementByHand, TableShape } from '../../sql/dialect.ts';
import { identifier, list, textLiteral } from '../../sql/quote.ts';
import { tableName } from '../../sql/shapes.ts';

/** Where COPY reads from, and as whom. */
export interface CopySource {
  /** `s3://bucket/key` of a manifest. */
  readonly manifest: string;
  /** An ARN, several in a chain, or `default` (facts 1.1). */
  readonly iamRole: string;
}

/**
 * COPY of Parquet parts. Their columns count by position (facts 4.1), so they are named in that order, which must be
 * that of the table as well (`inTableOrder`). Of the options
 * Parquet takes (dg:copy-usage_notes-copy-from-columnar) none but MANIFEST is of use: STATUPDATE would need the table's
 * owner (facts 1.9).
 */
export function copyParquet(shape: TableShape, source: CopySource): string {
  return [...beginning(shape, source), 'format as parquet', 'manifest'].join('\n');
}

/** Where a COPY of JSON reads from, and as whom. */
export interface CopyJson extends CopySource {
  /** `s3://bucket/key` of a JSONPaths file with one path for each column of the table. */
  readonly jsonPaths: string;
  /** Of all objects or of none. */
  readonly isGzip: boolean;
}

/**
 * COPY of JSON into a table of the session's own, so that STATUPDATE may be named (facts 1.9). Neither statistics nor
 * encodings are of use to rows that are read twice.
 */
export function copyJson(shape: TableShape, { manifest, iamRole, jsonPaths, isGzip }: CopyJson): string {
  return [
    ...beginning(shape, { manifest, iamRole }),
    `format as json ${literal(jsonPaths)}`,
    'manifest',
    ...(isGzip ? ['gzip'] : []),
    'compupdate off',
    'statupdate off',
  ].join('\n');
}

/** For reading, with what has to stand in the bucket; a run writes it and removes it afterwards. */
export function copyByHand(shape: TableShape): StatementByHand {
  return {
    sql: shownCopy(shape),
    needs:
      'needs a manifest of Parquet parts with these columns, in this order; write its place for LANDING/RUN, the ARN of a role that may read it for IAM_ROLE',
  };
}

/** For reading: the places that a target names stand as LANDING and IAM_ROLE. */
export function shownCopy(shape: TableShape): string {
  return copyParquet(shape, { manifest: `s3://LANDING/RUN/${shape.name}/manifest.json`, iamRole: 'IAM_ROLE' });
}

function beginning(shape: TableShape, { manifest, iamRole }: CopySource): readonly string[] {
  return [
    `copy ${tableName(shape)} ${list(shape.columns.map(({ name }) => identifier(name)))}`,
    `from ${literal(manifest)}`,
    `iam_role ${iamRole === 'default' ? 'default' : literal(iamRole)}`,
  ];
}

/** COPY takes no parameters, and `\` is an escape in its literals too (facts 3.9). */
function literal(text: string): string {
  return textLiteral(text, { backslashEscapes: true });
}
