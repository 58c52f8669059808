import type { Staged } from './land.ts';
import { ascending, descending, firstOf, groupedBy, inOrder, type Order } from './order.ts';
import type { Cell, StagingEvent, StagingSong } from './rows.ts';

/** One event a natural key: "(session_id, item_in_session) of an event, over all pages" (§2). */
export function eventWinners(staged: readonly Staged<StagingEvent>[]): readonly StagingEvent[] {
  return winners(staged, eventKey, ({ ts }) => ts);
}

/** One song a natural key: "song_id of a song" (§2). */
export function songWinners(staged: readonly Staged<StagingSong>[]): readonly StagingSong[] {
  return winners(staged, songKey, ({ year }) => year);
}

/** §2: "Duplicates that differ in ts or user_id are conflicts": how many natural keys have such lines. */
export function conflictsOf(staged: readonly Staged<StagingEvent>[]): number {
  const claims = ({ row }: Staged<StagingEvent>) => `${row.ts} ${row.user_id}`;
  return [...groupedBy(staged, eventKey).values()].filter((lines) => new Set(lines.map(claims)).size > 1).length;
}

/** Every column in the order in which it is declared, smallest first, NULL last. */
export function byAllColumns<Row extends object>(): Order<Row> {
  return (one, other) => {
    const columns = Object.keys(one) as (keyof Row)[];
    const cellOf = (row: Row, column: keyof Row) => row[column] as Cell;
    return inOrder(...columns.map((column) => ascending<Row>((row) => cellOf(row, column))))(one, other);
  };
}

function eventKey({ row }: Staged<StagingEvent>): string {
  return `${row.session_id} ${row.item_in_session}`;
}

function songKey({ row }: Staged<StagingSong>): string {
  return row.song_id;
}

function winners<Row extends object>(
  staged: readonly Staged<Row>[],
  keyOf: (staged: Staged<Row>) => string,
  newest: (row: Row) => Cell,
): readonly Row[] {
  const groups = [...groupedBy(staged, keyOf).values()];
  return groups.map((lines) => firstOf(lines, winnerOrder(newest)).row);
}

/**
 * §2: "rows of existing objects before rows of vanished ones, then the greatest by (ts) or (year), then all columns in
 * order, with NULL last, text by its UTF-8 bytes, never by arrival". Read as: by ts or year descending, then by every
 * column of staging ascending, NULL last in all of it. To have the greatest of the columns win, reverse `byAllColumns`.
 */
function winnerOrder<Row extends object>(newest: (row: Row) => Cell): Order<Staged<Row>> {
  const allColumns = byAllColumns<Row>();
  return inOrder<Staged<Row>>(
    ascending(({ isVanished }) => Number(isVanished)),
    descending(({ row }) => newest(row)),
    (one, other) => allColumns(one.row, other.row),
  );
}
