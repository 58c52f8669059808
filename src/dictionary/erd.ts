import { columnsOf, referencesOf, type StarTable } from '../model/star-table.ts';
import type { Warehouse } from '../model/warehouse.ts';

/** The star as a Mermaid entity relationship diagram. A reference that may be NULL is drawn as optional. */
export function erd({ tables }: Warehouse): string {
  return ['erDiagram', ...tables.flatMap(entity), ...tables.flatMap(relations)].join('\n');
}

function entity(table: StarTable): string[] {
  const references = new Set(referencesOf(table).map(({ column }) => column));
  const columns = Object.entries(columnsOf(table)).map(([name, { is }]) => {
    const marks = [name in table.key ? 'PK' : '', references.has(name) ? 'FK' : ''].filter(Boolean).join(', ');
    return `    ${is.type.kind} ${name}${marks ? ` ${marks}` : ''}`;
  });
  return [`  ${table.name} {`, ...columns, '  }'];
}

function relations(table: StarTable): string[] {
  const declared = referencesOf(table).map(({ column, dimension }) => {
    const required = columnsOf(table)[column]?.required ?? false;
    return `  ${dimension.name} ${required ? '||' : '|o'}--o{ ${table.name} : ${column}`;
  });
  if (table.kind !== 'derived' || table.from.kind === 'staging') return declared;
  const [key = ''] = Object.keys(table.key);
  return [...declared, `  ${table.name} ||--|{ ${table.from.name} : ${key}`];
}
