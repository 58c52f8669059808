import { isUtf8 } from 'node:buffer';
import { SparkifyError } from '../errors.ts';
import type { Source } from '../model/source.ts';
import type { Staging } from '../model/staging.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { parseJsonPath } from './json-path.ts';
import { clashOf } from './key-tree.ts';

/** Which value of a JSON object fills each column: plain data, so that a fingerprint can be made of it. */
export interface Mapping {
  /** By column, all columns in the order of the table: the keys that lead to the value, outermost first. */
  readonly paths: Readonly<Record<string, readonly string[]>>;
}

export interface MappingFrom {
  readonly source: Source;
  readonly staging: Staging;
  readonly store: ObjectStore;
}

/**
 * Reads the source's JSONPaths file, element i for column i; without one each column has its own key.
 * @throws JSONPATHS_INVALID naming every wrong element; MODEL_INVALID where declared keys clash
 */
export async function readMapping({ source, staging, store }: MappingFrom): Promise<Mapping> {
  if (source.jsonPaths === undefined) return declaredMapping(staging);
  const file = await readJsonPathsFile(source.jsonPaths, store);
  const elements = elementsOf(file);
  const columns = Object.keys(staging.columns);
  if (elements.length !== columns.length) throw wrongCount(file, elements, staging);
  return mappingOf(columns, pathsOf(file, elements), (problems) => invalid(file.uri, problems, clashHint));
}

interface JsonPathsFile {
  readonly uri: string;
  readonly text: string;
}

const clashHint = 'Rename a key at its origin, or leave one of the columns out.';
const shapeHint =
  'It holds {"jsonpaths": ["$.key", …]}: one path for each column of the staging table, in their order.';

function declaredMapping(staging: Staging): Mapping {
  const columns = Object.entries(staging.columns);
  const paths = columns.map(([, { from }]) => [from]);
  return mappingOf(
    columns.map(([name]) => name),
    paths,
    (problems) =>
      new SparkifyError('MODEL_INVALID', `The columns of ${staging.name} cannot be filled:${listed(problems)}`, {
        hint: clashHint,
        details: { table: staging.name, problems },
      }),
  );
}

async function readJsonPathsFile(key: string, store: ObjectStore): Promise<JsonPathsFile> {
  const object = await store.find(key);
  if (!object) {
    throw new SparkifyError('JSONPATHS_INVALID', `${store.root} has no JSONPaths file '${key}'.`, {
      hint: `Put it there, or take jsonPaths out of the source so that columns are filled by key. ${shapeHint}`,
      details: { root: store.root, key },
    });
  }
  const content = await store.read(object);
  if (!isUtf8(content)) throw invalid(object.uri, ['it is not valid UTF-8'], shapeHint);
  return { uri: object.uri, text: content.toString('utf8').replace(/^\uFEFF/, '') };
}

function elementsOf({ uri, text }: JsonPathsFile): readonly string[] {
  const json = parsed(uri, text);
  if (typeof json !== 'object' || json === null || !('jsonpaths' in json)) {
    const problem = `it has no key "jsonpaths" (Redshift would load without a word as if by 'auto')`;
    throw invalid(uri, [problem], shapeHint);
  }
  const { jsonpaths } = json;
  if (!Array.isArray(jsonpaths)) throw invalid(uri, ['"jsonpaths" is no array'], shapeHint);
  const problems = jsonpaths.flatMap((element: unknown, index) =>
    typeof element === 'string' ? [] : [`element ${index + 1} is no text`],
  );
  if (problems.length > 0) throw invalid(uri, problems, shapeHint);
  return jsonpaths;
}

function parsed(uri: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(uri, ['it is not JSON'], shapeHint, cause);
  }
}

function wrongCount({ uri }: JsonPathsFile, elements: readonly string[], { name, columns }: Staging): SparkifyError {
  const names = Object.keys(columns);
  const problem = `it has ${elements.length} paths, and ${name} has ${names.length} columns`;
  return invalid(uri, [problem], `Give one path for each of ${names.join(', ')}, in this order.`);
}

function pathsOf({ uri }: JsonPathsFile, elements: readonly string[]): (readonly string[])[] {
  const paths: (readonly string[])[] = [];
  const problems: string[] = [];
  for (const [index, element] of elements.entries()) {
    const path = parseJsonPath(element);
    if ('problem' in path) problems.push(`element ${index + 1} (${element}), character ${path.at}: ${path.problem}`);
    else paths.push(path);
  }
  if (problems.length > 0) throw invalid(uri, problems, 'Mend each element; Redshift takes more forms than this tool.');
  return paths;
}

function mappingOf(
  columns: readonly string[],
  paths: readonly (readonly string[])[],
  refusal: (problems: readonly string[]) => SparkifyError,
): Mapping {
  const problems = paths.flatMap((path, index) =>
    paths.slice(0, index).flatMap((earlier, other) => {
      const clash = clashOf(earlier, path);
      return clash
        ? [`the keys of ${columns[other]} (${shown(earlier)}) and ${columns[index]} (${shown(path)}): ${clash}`]
        : [];
    }),
  );
  if (problems.length > 0) throw refusal(problems);
  return Object.freeze({
    paths: Object.freeze(Object.fromEntries(columns.map((name, index) => [name, paths[index] ?? []]))),
  });
}

function shown(path: readonly string[]): string {
  return `$${path.map((key) => `[${JSON.stringify(key)}]`).join('')}`;
}

function invalid(uri: string, problems: readonly string[], hint: string, cause?: unknown): SparkifyError {
  return new SparkifyError('JSONPATHS_INVALID', `The JSONPaths file ${uri} is wrong:${listed(problems)}`, {
    hint,
    cause,
    details: { uri, problems },
  });
}

function listed(problems: readonly string[]): string {
  return problems.map((problem) => `\n  - ${problem}`).join('');
}
