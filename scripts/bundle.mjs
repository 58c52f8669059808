// Bundles src/ into a folder (default: dist). Node takes half a millisecond for each module it loads: file by file, a run
// with nothing new would spend more time loading the tool than looking at the bucket. What the command line needs
// whatever it does becomes one chunk; what is imported when it is needed stays apart, and packages stay where they are.
import { cpSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const repository = resolve(import.meta.dirname, '..');
const dist = resolve(process.argv[2] ?? join(repository, 'dist'));
const main = join(repository, 'src/cli/main.ts');

/** By module, those it imports statically. */
const imports = new Map();
const chunks = join(dist, 'chunks');

// Nothing that an older version left is published.
rmSync(dist, { recursive: true, force: true });
const bundle = await rolldown({
  cwd: repository,
  input: { 'cli/main': main, index: join(repository, 'src/index.ts') },
  platform: 'node',
  external: /^(?![./])/,
  plugins: [{ name: 'imports', moduleParsed: ({ id, importedIds }) => void imports.set(id, importedIds) }],
  // Said of a module that is imported dynamically by one and statically by another, as a verb may.
  checks: { ineffectiveDynamicImport: false },
});
let common;
await bundle.write({
  dir: dist,
  format: 'esm',
  chunkFileNames: 'chunks/[name].js',
  codeSplitting: {
    groups: [
      {
        name: 'common',
        test: (id) => {
          common ??= reachableFrom(main);
          return common.has(id);
        },
      },
    ],
  },
});
await bundle.close();
// Where the chunk with the warehouse looks for them.
cpSync(join(repository, 'src/sparkify/queries'), join(chunks, 'queries'), { recursive: true });

/** Without the module itself. */
function reachableFrom(module) {
  const found = new Set();
  const rest = [...imports.get(module)];
  for (const id of rest) {
    if (found.has(id)) continue;
    found.add(id);
    rest.push(...(imports.get(id) ?? []));
  }
  return found;
}
