import { objects, rejects } from '../ledger/tables.ts';
import type { Staging } from '../model/staging.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { textLiteral } from '../sql/quote.ts';
import { stagingShape, tableName } from '../sql/shapes.ts';
import type { CheckScope } from './check-scope.ts';
import type { CheckStatement } from './derive-checks.ts';

/**
 * The balance of the objects, from the ledger and the rows that are there: lines read = loaded + rejected + blank, and
 * as many rows and rejects as the ledger says. Lines read were counted from the bytes, apart from the parser.
 */
export function balanceChecks({ staging }: Warehouse, scope: CheckScope): readonly CheckStatement[] {
  return staging.map((table) => sourceBalance(table, scope));
}

function sourceBalance(staging: Staging, { ofObjects }: CheckScope): CheckStatement {
  const source = textLiteral(staging.source.name);
  const known = `source = ${source}${ofObjects(' and object_id')}`;
  return {
    checks: [
      {
        name: `${staging.name}_balance`,
        kind: 'balance',
        table: staging.name,
        severity: 'fail',
        says: `objects of ${staging.source.name} whose lines are not all loaded, rejected or blank`,
      },
    ],
    sql: [
      'select count(*)',
      `from (select * from ${tableName(objects)} where ${known}) o`,
      `full join (select object_id, count(*) as loaded from ${tableName(stagingShape(staging))}${ofObjects(' where object_id')} group by object_id) s`,
      '  on s.object_id = o.object_id',
      `left join (select object_id, count(*) as rejected from ${tableName(rejects)} where ${known} and state = 'kept' group by object_id) r`,
      '  on r.object_id = o.object_id',
      'where o.object_id is null',
      '  or o.lines_read <> o.lines_loaded + o.lines_rejected + o.lines_blank',
      '  or o.lines_loaded <> coalesce(s.loaded, 0)',
      '  or o.lines_rejected <> coalesce(r.rejected, 0)',
    ].join('\n'),
  };
}
