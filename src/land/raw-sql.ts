import type { Staging } from '../model/staging.ts';
import { comment, identifier, list, textLiteral } from '../sql/quote.ts';
import { columnsSql, type Problem } from './columns-sql.ts';
import { jsonPointer, jsonStructure, keyTree } from './key-tree.ts';
import type { Mapping } from './mapping.ts';

/** The statements that decide a chunk of raw lines exactly. */
export interface RawSql {
  /**
   * Inserts the lines that fit. Parameters: a BLOB of lines joined by newlines, valid UTF-8 without U+0000; the number
   * of each line's object, joined by commas.
   */
  readonly insert: string;
  /** The others as (index of the line, index in `problems`), in order; the same parameters. */
  readonly reject: string;
  readonly problems: readonly Problem[];
}

const notJson: Problem = { column: undefined, reason: 'not valid JSON', when: '"$$type" is null' };
const notAnObject: Problem = { column: undefined, reason: 'not a JSON object', when: `"$$type" <> 'OBJECT'` };

/**
 * The lines come as parameters, since rows of a temporary table would stay in memory until the transaction ends, even
 * deleted ones. CASE evaluates a branch for its own rows only, so nothing is asked of a line that is no JSON.
 */
export function rawSql(staging: Staging, { paths }: Mapping, landing: string): RawSql {
  const pointer = (name: string) => textLiteral(jsonPointer(paths[name] ?? []));
  const columns = columnsSql(staging, (name) => `json_type("$$raw", ${pointer(name)}) in ('OBJECT', 'ARRAY')`);
  const problems = [notJson, notAnObject, ...columns.flatMap((column) => column.problems)];
  const structure = textLiteral(jsonStructure(keyTree(Object.values(paths))));
  const names = columns.map(({ name }) => identifier(name));
  const decided = `(
    select *, case ${problems.map(({ when }, index) => `when ${when} then ${index}`).join('\n      ')} end as "$$problem"
    from (
      select *, ${columns.map(({ name, value }) => `${value} as ${identifier(name)}`).join(',\n        ')}
      from (
        select *, ${columns.map(({ name, text }) => `${extraction(paths[name] ?? [])} as ${text}`).join(', ')}
        from (
          select *, case when "$$type" = 'OBJECT' then from_json("$$raw", ${structure}) end as "$$object"
          from (
            select *, case when json_valid("$$raw") then json_type("$$raw") end as "$$type"
            from (
              select unnest("$$lines") as "$$raw", unnest("$$ids") as "$$id", unnest(range(len("$$lines"))) as "$$index"
              from (select string_split(decode($1), chr(10)) as "$$lines", string_split($2, ',')::bigint[] as "$$ids")
            )
          )
        )
      )
    )
  )`;
  return {
    insert: `${comment(`land ${staging.name}: the raw lines that fit`)}
insert into ${landing} ${list([...names, '"object_id"'])}
select ${names.join(', ')}, "$$id"
from ${decided}
where "$$problem" is null`,
    reject: `${comment(`land ${staging.name}: the raw lines that do not`)}
select "$$index", "$$problem"
from ${decided}
where "$$problem" is not null
order by 1`,
    problems,
  };
}

function extraction(path: readonly string[]): string {
  return ['"$$object"', ...path.map(identifier)].join('.');
}
