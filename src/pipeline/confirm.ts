import { engineOf } from '../engines/index.ts';
import { SparkifyError } from '../errors.ts';
import type { LedgerObject } from '../ledger/ledger.ts';
import type { Staging } from '../model/staging.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { identifier } from '../sql/quote.ts';
import { refusedCopied } from './copied.ts';
import { counted } from './count.ts';
import { type Known, landedAnew } from './known.ts';
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
  { addRoot = false, yes = false, period }: Pick<RunOptions, 'addRoot' | 'yes' | 'period'>,
): readonly SparkifyError[] {
  const refusals = [
    unknownRoot(plan.root, known, addRoot),
    otherKey(warehouse, known),
    refusedPeriod(plan, known, period),
    refusedCopied(plan, known),
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
 * the key (a unique index, a primary key that a planner believes) would stay. A column of the same key that somebody has
 * dropped comes back.
 */
export function otherKey({ tables }: Warehouse, { keys, dropped }: Known): SparkifyError | undefined {
  for (const { name, key } of tables) {
    if (dropped.includes(name)) continue;
    const before = keys.get(name) ?? [];
    const declared = Object.keys(key);
    if (before.length === 0 || before.toSorted().join() === declared.toSorted().join()) continue;
    const [was, is] = [before, declared].map((names) => names.join(', '));
    return new SparkifyError('TARGET_UNUSABLE', `The key of ${name} was (${was}) and is declared as (${is}).`, {
      hint: `Drop ${name} and the views on it (drop table ${identifier(name)} cascade): the next run makes it anew.`,
    });
  }
  return undefined;
}

/**
 * TARGET_UNUSABLE where lines that a staging table has lost are out of the period, or may be, as nothing tells of them: they
 * would be missing from the star.
 */
function refusedPeriod({ sources }: Plan, known: Known, period: RunOptions['period']): SparkifyError | undefined {
  if (!period) return undefined;
  const outside = sources.flatMap(({ lostOutside }) => lostOutside);
  const names = sources
    .filter(({ staging, lostOutside }) => lostOutside.length > 0 || holdsUnknownLines(staging.name, sources, known))
    .map(({ staging }) => staging.name);
  if (names.length === 0) return undefined;
  const what =
    outside.length > 0 ? `of ${counted(outside.length, 'object')} out of the period` : 'that nothing tells of';
  return new SparkifyError('TARGET_UNUSABLE', `${names.join(' and ')} would lack lines or values ${what}.`, {
    hint: 'Somebody has dropped or altered it, or the ledger. Run once without --since and --until, or for a period that holds all that was loaded.',
    details: { tables: names, objects: outside.map(({ uri }) => uri) },
  });
}

/** CONFIRMATION_NEEDED, saying what would happen. */
function unconfirmed(plan: Plan, known: Known, yes: boolean): SparkifyError | undefined {
  if (yes) return undefined;
  const loss = unconfirmedLoss(plan, known);
  if (loss || plan.isFullRefresh) return loss;
  return unconfirmedForgetting(plan) ?? unconfirmedLanding(plan, known);
}

function unconfirmedLoss({ root, sources }: Plan, known: Known): SparkifyError | undefined {
  const losses = sources.flatMap(({ staging, lost }) => lostOf(staging, lost, known, root));
  const unknown = sources.map(({ staging }) => staging.name).filter((name) => holdsUnknownLines(name, sources, known));
  if (unknown.length > 0) {
    losses.push(
      `${unknown.join(' and ')} ${unknown.length === 1 ? 'holds' : 'hold'} lines of which the ledger tells nothing. They would be taken away, and ${root} loaded anew: what came from elsewhere, or is there no more, would be lost.`,
    );
  }
  if (losses.length === 0) return undefined;
  const losesValues = sources.some(({ staging, lost }) => lost.length > 0 && !known.emptied.includes(staging.name));
  return needed(losses.join(' '), losesValues ? dropHint : undefined);
}

function unconfirmedForgetting({ sources }: Plan): SparkifyError | undefined {
  const forgotten = sources.flatMap((source) => source.forgotten);
  if (forgotten.length === 0) return undefined;
  const lines = forgotten.reduce((sum, { linesLoaded }) => sum + linesLoaded, 0);
  return needed(
    `${counted(forgotten.length, 'object')} that vanished would be forgotten, with ${counted(lines, 'row')} of staging.`,
  );
}

function unconfirmedLanding({ sources }: Plan, known: Known): SparkifyError | undefined {
  const again = sources.reduce((sum, { outdated }) => sum + outdated.length, 0);
  if (again <= manyObjects) return undefined;
  const why = landedAnew(known).length > 0 ? 'staging tables have lost values' : 'the rules of landing changed';
  return needed(`${counted(again, 'object')} would be landed again, since ${why}.`);
}

/** What is said of objects whose lines, or values, a run from this root cannot bring back. */
function lostOf(
  { name }: Staging,
  lost: readonly LedgerObject[],
  { emptied, roots }: Known,
  root: string,
): readonly string[] {
  const isOf = (known: string) => (object: LedgerObject) => object.uri.startsWith(`${known}/`);
  const others = roots.filter((known) => known !== root && lost.some(isOf(known)));
  const gone = lost.filter((object) => !others.some((known) => isOf(known)(object)));
  const [lacks, ends, again] = emptied.includes(name)
    ? ['lacks the lines of', 'they would be forgotten', 'they would be forgotten until a run from there']
    : ['may have lost values of', 'they would stay without them', 'they would lack them until a run from there'];
  return [
    ...(gone.length > 0
      ? [`${name} ${lacks} ${counted(gone.length, 'object')} that the root has no more: ${ends}.`]
      : []),
    ...others.map(
      (known) => `${name} ${lacks} ${counted(lost.filter(isOf(known)).length, 'object')} of ${known}: ${again}.`,
    ),
  ];
}

function holdsUnknownLines(name: string, sources: Plan['sources'], { emptied, dropped }: Known): boolean {
  const isTold = sources.some((source) => source.staging.name === name && source.emptied.length > 0);
  return emptied.includes(name) && !dropped.includes(name) && !isTold;
}

const doneHint = 'Add --yes to have it done.';
const dropHint = `${doneHint} Where a check needs the values, drop the staging table first: then these lines go too.`;

function needed(message: string, hint = doneHint): SparkifyError {
  return new SparkifyError('CONFIRMATION_NEEDED', message, { hint });
}
