import type { Order } from '../model/expression.ts';
import type { Staging, StagingColumn } from '../model/staging.ts';
import { columnsOf, referencesOf, type StarColumn, type StarTable } from '../model/star-table.ts';
import { type View, viewColumns } from '../model/view.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { erd } from './erd.ts';
import { type ColumnLineage, lineageOf } from './lineage.ts';
import { markdownTable } from './markdown.ts';
import { typeText } from './type-text.ts';

/** Every table and column of a warehouse with its meaning, type, unit and origin, as Markdown. */
export function dataDictionary(warehouse: Warehouse): string {
  const { name, doc, staging, tables, views, checks } = warehouse;
  const lineage = new Map(lineageOf(warehouse).map((column) => [`${column.table}.${column.column}`, column]));
  const sections = [
    `# Data dictionary of ${name}`,
    'Written by `sparkify docs` from the model; change the model, not this file.',
    doc,
    '## Diagram',
    `\`\`\`mermaid\n${erd(warehouse)}\n\`\`\``,
    '## Star',
    ...tables.flatMap((table) => starSection(table, lineage)),
    '## Views',
    ...views.flatMap(viewSection),
    '## Staging',
    ...staging.flatMap(stagingSection),
    ...(checks.length === 0 ? [] : ['## Rules', rules(warehouse)]),
  ];
  return `${sections.join('\n\n')}\n`;
}

function starSection(table: StarTable, lineage: ReadonlyMap<string, ColumnLineage>): string[] {
  const references = new Map(referencesOf(table).map(({ column, dimension }) => [column, dimension.name]));
  const rows = Object.entries(columnsOf(table)).map(([name, column]) => [
    `\`${name}\``,
    typeText(column.is.type),
    starMarks(name, column, table, references),
    withUnit(column.doc, column.unit),
    originText(lineage.get(`${table.name}.${name}`)),
  ]);
  return [
    `### ${table.name}`,
    `${table.doc} ${sentence(table.grain)} ${ofWhich(table.pick)}`.trim(),
    markdownTable(['column', 'type', '', 'meaning', 'made from'], rows),
  ];
}

function starMarks(
  name: string,
  { required }: StarColumn,
  { key }: StarTable,
  references: ReadonlyMap<string, string>,
): string {
  const reference = references.get(name);
  return [name in key ? 'key' : required ? 'required' : '', reference ? `→ ${reference}` : '']
    .filter(Boolean)
    .join(', ');
}

function ofWhich(pick: readonly Order[]): string {
  return pick.length === 0 ? '' : 'Of several rows with one key the model picks one by content, never by arrival.';
}

function originText(lineage: ColumnLineage | undefined): string {
  const named = (role: 'value' | 'match') =>
    (lineage?.keys ?? []).filter((key) => key.role === role).map(({ source, key }) => `\`${source}.${key}\``);
  const [values, matches] = [named('value'), named('match')];
  return matches.length === 0 ? values.join(', ') : `${values.join(', ')} found by ${matches.join(', ')}`;
}

function viewSection(view: View): string[] {
  const rows = viewColumns(view).map(({ name, table, of, column }) => [
    `\`${name}\``,
    typeText(column.is.type),
    `\`${table.name}.${of}\``,
    withUnit(column.doc, column.unit),
  ]);
  return [`### ${view.name}`, view.doc, markdownTable(['column', 'type', 'from', 'meaning'], rows)];
}

function stagingSection(staging: Staging): string[] {
  const { name, doc, grain, source, columns, key } = staging;
  const rows = Object.entries(columns).map(([column, declared]) => [
    `\`${column}\``,
    typeText(declared.type),
    stagingMarks(column, declared, key),
    withUnit(declared.doc, declared.unit),
    `\`${declared.from}\``,
  ]);
  const provenance = ['`object_id`', 'BIGINT', 'required', 'The object the line came from, in `etl.objects`', ''];
  const mapping = source.jsonPaths ? ` Keys are those of \`${source.jsonPaths}\`, which decides.` : '';
  return [
    `### ${name}`,
    `${doc} ${sentence(grain)} Source \`${source.name}\`: ${source.doc} Folder \`${source.folder}/\`.${mapping}`,
    markdownTable(['column', 'type', '', 'meaning', 'key'], [...rows, provenance]),
  ];
}

function stagingMarks(name: string, { required, range }: StagingColumn, key: readonly string[]): string {
  const bounds = range ? `${range[0]}…${range[1]}` : '';
  return [key.includes(name) ? 'key' : required ? 'required' : '', bounds].filter(Boolean).join(', ');
}

function rules({ checks }: Warehouse): string {
  return markdownTable(
    ['rule', 'table', 'when broken', 'meaning'],
    checks.map(({ name, table, severity, doc }) => [
      `\`${name}\``,
      table.name,
      severity === 'fail' ? 'the run fails' : 'a warning',
      doc,
    ]),
  );
}

function withUnit(doc: string, unit: string | undefined): string {
  return unit ? `${doc} (${unit})` : doc;
}

function sentence(grain: string): string {
  return `Grain: ${grain}.`;
}
