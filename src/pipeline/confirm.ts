import { engineOf } from '../engines/index.ts';
import { SparkifyError } from '../errors.ts';
import type { Staging } from '../model/staging.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { identifier } from '../sql/quote.ts';
import { refusedCopied } from './copied.ts';
import { counted } from './count.ts';
import type { Known } from './known.ts';
import type { Plan } from './plan.ts';
import type { RunOptions } from './run.ts';

/** Landing more objects again than this must be confirmed. */
const manyObjects = 1_000;

type Requested = Pick<RunOptions, 'fullRefresh' | 'period' | 'forgetVanished' | 'replay'>;

/** @throws USAGE for options that exclude each other */
export function refuseWrongUse({ fullRefresh, period, forgetVanished, replay }: Requested): void {
  const asked = [
    fullRefresh && '--full-refresh',
    period && '--since or --until',
    forgetVanished && '--forget-vanished',
    replay && '--replay',
  ].filter(Boolean);
  if (asked.length < 2) return;
  throw new SparkifyError('USAGE', `${asked.join(' and ')} cannot be asked for at once.`, {
    hint: 'Do one after the other, in runs of their own.',
  });
}

type Places = Pick<RunOptions, 'target' | 'root' | 'warehouse' | 'onDrift'>;

/**
 * @throws USAGE where the target asks for objects to be copied straight from a place that it cannot read, or for lines to
 * be compared that nobody sees; and where it puts objects of its own into the folder of a source
 */
export function refuseWrongTarget(places: Places): void {
  refuseWrongCopy(places);
  refuseLandingInSource(places);
}

function refuseWrongCopy({ target, root, onDrift }: Places): void {
  if (!engineOf(target).copiesObjects(target)) return;
  if (!/^s3:\/\//i.test(root)) {
    throw new SparkifyError(
      'USAGE',
      'With copy=direct the warehouse reads objects itself, which it can from S3 alone.',
      {
        hint: 'Name a root like s3://bucket/prefix, or leave copy=direct out of the target.',
      },
    );
  }
  if (onDrift === 'fail') {
    throw new SparkifyError('USAGE', 'With copy=direct drift is not looked for, so that no run can fail for it.', {
      hint: 'Leave out --on-drift fail, or copy=direct in the target.',
    });
  }
}

/** A folder of a source below the landing prefix does no harm: a warehouse has a folder of its own there. */
function refuseLandingInSource({ target, root, warehouse }: Places): void {
  const landing = engineOf(target).landingOf(target);
  if (landing === undefined) return;
  const base = root.replace(/^s3:/i, 's3:').replace(/\/+$/, '');
  const taken = warehouse.staging.find(({ source }) => `${landing}/`.startsWith(`${base}/${source.folder}/`));
  if (!taken) return;
  const { name, folder } = taken.source;
  throw new SparkifyError(
    'USAGE',
    `The landing prefix of the target, ${landing}, lies in ${base}/${folder}, and what a run puts there would be taken for ${name}.`,
    { hint: 'Name another one in &landing of --target, best in a bucket or a folder of its own.' },
  );
}

/** What a run would refuse to do unless it is asked for, each as it would be told. */
export function refusalsOf(
  warehouse: Warehouse,
  plan: Plan,
  known: Known,
  { addRoot = false, yes = false }: Pick<RunOptions, 'addRoot' | 'yes'>,
): readonly SparkifyError[] {
  const refusals = [
    unknownRoot(plan.root, known, addRoot),
    otherKey(warehouse, known),
    refusedCopied(plan),
    unconfirmed(plan, known, yes),
  ];
  return refusals.filter((refusal) => refusal !== undefined);
}

/** ROOT_UNKNOWN where the warehouse was loaded from other roots only. */
export function unknownRoot(root: string, { roots }: Known, addRoot: boolean): SparkifyError | undefined {
  if (addRoot || roots.length === 0 || roots.includes(root)) return undefined;
  const list = roots.map((known) => `\n  - ${known}`).join('');
  return new SparkifyError('ROOT_UNKNOWN', `The target was not loaded from ${root} so far, but from:${list}`, {
    hint: 'Look at --from. To load this root as well, add --add-root once.',
    details: { root, roots },
  });
}

/**
 * TARGET_UNUSABLE where a table has another key than is declared. Rows would be taken for others, and what engines hold of
 * the key (a unique index, a primary key that a planner believes) would stay.
 */
export function otherKey({ tables }: Warehouse, { definitions, dropped }: Known): SparkifyError | undefined {
  for (const { name, key } of tables) {
    if (dropped.includes(name)) continue;
    const columns = definitions.find((definition) => definition.name === name)?.columns ?? [];
    const before = columns.filter(([, , of]) => of === 'key').map(([column]) => column);
    const declared = Object.keys(key);
    if (before.length === 0 || before.toSorted().join() === declared.toSorted().join()) continue;
    const [was, is] = [before, declared].map((names) => names.join(', '));
    return new SparkifyError('TARGET_UNUSABLE', `The key of ${name} was (${was}) and is declared as (${is}).`, {
      hint: `Drop ${name} and the views on it (drop table ${identifier(name)} cascade): the next run makes it anew.`,
    });
  }
  return undefined;
}

/** CONFIRMATION_NEEDED, saying what would happen. */
export function unconfirmed(
  { root, sources, isFullRefresh }: Plan,
  known: Known,
  yes: boolean,
): SparkifyError | undefined {
  if (yes) return undefined;
  for (const { staging, lost } of sources) {
    if (lost.length === 0) continue;
    return needed(
      `${staging.name} lacks the lines of ${counted(lost.length, 'object')} that the root has no more: they would be forgotten.`,
    );
  }
  if (isFullRefresh) return undefined;
  const [unknown] = sources.filter(({ staging }) => holdsUnknownLines(staging, known));
  if (unknown) {
    return needed(
      `${unknown.staging.name} holds lines of which the ledger tells nothing. They would be taken away, and ${root} loaded anew.`,
    );
  }
  const forgotten = sources.flatMap((source) => source.forgotten);
  if (forgotten.length > 0) {
    const lines = forgotten.reduce((sum, { linesLoaded }) => sum + linesLoaded, 0);
    return needed(
      `${counted(forgotten.length, 'object')} that vanished would be forgotten, with ${counted(lines, 'row')} of staging.`,
    );
  }
  const again = sources.reduce((sum, { outdated }) => sum + outdated.length, 0);
  if (again <= manyObjects) return undefined;
  return needed(`${counted(again, 'object')} would be landed again, since the rules of landing changed.`);
}

function holdsUnknownLines({ name, source }: Staging, { emptied, dropped, lost }: Known): boolean {
  return emptied.includes(name) && !dropped.includes(name) && lost.every((object) => object.source !== source.name);
}

function needed(message: string): SparkifyError {
  return new SparkifyError('CONFIRMATION_NEEDED', message, { hint: 'Add --yes to have it done.' });
}
