import type { LandingTable } from '../engines/engine.ts';
import { SparkifyError } from '../errors.ts';
import type { Staging } from '../model/staging.ts';
import { comment } from '../sql/quote.ts';
import type { LandedObject } from './landed.ts';
import { boundsOf, type Tally } from './tally.ts';

/**
 * Counts the rows that really are in the landing table and confirms for each object that
 * lines read = loaded + rejected + blank.
 * @throws BALANCE naming the objects for which it does not hold
 */
export async function balance(
  tallies: readonly Tally[],
  staging: Staging,
  landing: LandingTable,
): Promise<LandedObject[]> {
  const loaded = await countLoaded(tallies, staging, landing);
  const landed = tallies.map((tally) => landedObject(tally, loaded.get(tally.objectId) ?? 0));
  const wrong = landed.flatMap((object, index) => {
    const { linesRead, linesLoaded, linesRejected, linesBlank } = object;
    const uri = tallies[index]?.object.uri;
    return linesRead === linesLoaded + linesRejected + linesBlank
      ? []
      : [{ uri, linesRead, linesLoaded, linesRejected, linesBlank }];
  });
  if (wrong.length > 0) throw unbalanced(staging, wrong);
  return landed;
}

async function countLoaded(tallies: readonly Tally[], staging: Staging, { connection, name }: LandingTable) {
  if (tallies.length === 0) return new Map<bigint, number>();
  const { low, high } = boundsOf(tallies);
  const result = await connection.runAndReadAll(`${comment(`land ${staging.name}: count the rows of each object`)}
select object_id, count(*)
from ${name}
where object_id between ${low} and ${high}
group by 1`);
  // By column: there may be a row for each of thousands of objects, which the binding gives one by one at ten times the cost.
  const [ids = [], counts = []] = result.getColumns();
  return new Map(ids.map((id, index) => [BigInt(id as bigint), Number(counts[index])]));
}

function landedObject({ object, ...tally }: Tally, linesLoaded: number): LandedObject {
  return { ...tally, linesLoaded };
}

type Wrong = Pick<LandedObject, 'linesRead' | 'linesLoaded' | 'linesRejected' | 'linesBlank'> & {
  uri: string | undefined;
};

function unbalanced(staging: Staging, wrong: readonly Wrong[]): SparkifyError {
  const lines = wrong.slice(0, 5).map(({ uri, linesRead, linesLoaded, linesRejected, linesBlank }) => {
    return `\n  - ${uri}: ${linesRead} read, ${linesLoaded} loaded, ${linesRejected} rejected, ${linesBlank} blank`;
  });
  return new SparkifyError(
    'BALANCE',
    `The lines of ${wrong.length} objects for ${staging.name} do not add up:${lines.join('')}`,
    {
      hint: 'This is a fault of the tool, not of the data: please report it.',
      details: { table: staging.name, objects: wrong },
    },
  );
}
