import type { Session } from '../engines/engine.ts';
import type { DefinedColumn, Definition } from '../ledger/ledger.ts';
import type { Staging } from '../model/staging.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { Found, FoundColumns } from '../quality/found-tables.ts';
import type { Dialect, TableShape } from '../sql/dialect.ts';
import { stagingShape, starShape } from '../sql/shapes.ts';
import { hasLines } from '../transform/refresh-star.ts';
import type { Known } from './known.ts';

/**
 * What the ledger says of tables, with the columns that they have in truth, as far as they are declared or were. Those
 * that somebody has altered are computed by nothing known; so are those of which the ledger does not tell, as version 1
 * did of none.
 */
export function definitionsFound(
  told: readonly Definition[],
  found: Found,
  { staging, tables, views }: Warehouse,
  dialect: Dialect,
): readonly Definition[] {
  const shapes = [...staging.map(stagingShape), ...tables.map(starShape)];
  const isThere = ({ name }: TableShape) => !found.missing.includes(name) && found.columnsOf(name).size > 0;
  const here = new Map(
    shapes.filter(isThere).map((shape) => {
      const known = told.find(({ name }) => name === shape.name);
      return [shape.name, definitionFound(known, shape, found.columnsOf(shape.name), dialect)];
    }),
  );
  const untold = [...here.values()].filter(({ name }) => told.every((known) => known.name !== name));
  const isOther = ({ name }: Definition) => views.some((view) => view.name === name) && found.otherViews.includes(name);
  const asFound = (known: Definition) =>
    isOther(known) ? { ...known, fingerprint: '' } : (here.get(known.name) ?? known);
  return [...told.map(asFound), ...untold];
}

function definitionFound(
  known: Definition | undefined,
  { name, columns }: TableShape,
  there: FoundColumns,
  dialect: Dialect,
): Definition {
  const declared = new Map(columns.map((column) => [column.name, dialect.typeName(column.type)]));
  const names = new Set([...(known?.columns ?? []).map(([column]) => column), ...declared.keys()]);
  const isAltered = known?.columns.some(([column, type]) => {
    const types = [declared.get(column), type];
    return declared.has(column) && !type.startsWith('?') && !types.includes(there.get(column));
  });
  return {
    name,
    fingerprint: known === undefined || isAltered ? '' : known.fingerprint,
    version: known?.version ?? 0,
    columns: [...names].flatMap((column): DefinedColumn[] => {
      const type = there.get(column);
      const isOfKey = known?.columns.some(([name, , of]) => name === column && of === 'key');
      if (type === undefined) return [];
      return [isOfKey ? [column, type, 'key'] : [column, type]];
    }),
  };
}

/** The tables and views that somebody has altered. */
export function alteredTables(told: readonly Definition[], found: readonly Definition[]): readonly string[] {
  const known = new Set(told.filter(({ fingerprint }) => fingerprint !== '').map(({ name }) => name));
  return found.filter(({ name, fingerprint }) => fingerprint === '' && known.has(name)).map(({ name }) => name);
}

/**
 * The staging tables that have other lines than the ledger tells of: that are not there; that have lines though no object
 * is known, as the ledger was lost, or none though some are, as a run that emptied them did not end; or that were declared
 * no more for a while, in which their objects may have landed in a
 * table of another name.
 */
export async function emptiedStaging(
  { staging }: Warehouse,
  { objects, definitions, unfinished }: Pick<Known, 'objects' | 'definitions' | 'unfinished'>,
  { missing }: Found,
  session: Session,
): Promise<readonly Staging[]> {
  const emptied: Staging[] = [];
  for (const table of staging) {
    const isLeftover = definitions.some(({ name, fingerprint }) => name === table.name && fingerprint === '');
    const isKnown = objects.some(({ source }) => source === table.source.name);
    const isOther = async () => isLeftover || (await hasLines(table, session)) !== isKnown;
    const isToTell = isLeftover || !isKnown || unfinished.includes(table.name);
    if (missing.includes(table.name) ? isKnown : isToTell && (await isOther())) emptied.push(table);
  }
  return emptied;
}
