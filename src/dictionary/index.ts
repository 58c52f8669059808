import type { Warehouse } from '../model/warehouse.ts';
import { dataDictionary } from './data-dictionary.ts';
import { erd } from './erd.ts';

/** The documents of a warehouse, by file name. */
export function documentsOf(warehouse: Warehouse): Readonly<Record<string, string>> {
  return { 'data-dictionary.md': dataDictionary(warehouse), 'erd.mmd': `${erd(warehouse)}\n` };
}
