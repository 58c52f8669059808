/**
 * Imports point only up the folder list of docs/design.md, and never in a circle.
 * test/architecture.test.ts plants a violation of each kind and sees it reported.
 */
const order = [
  'model',
  'sparkify',
  'sql',
  'storage',
  'engines',
  'ledger',
  'land',
  'transform',
  'quality',
  'dictionary',
  'pipeline',
  'generator',
  'dashboard',
];

const onlyUp = order.map((folder, index) => ({
  name: `only-up-from-${folder}`,
  comment: `src/${folder} may import only what stands above it: ${['errors.ts', ...order.slice(0, index)].join(', ')}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: `^src/(${[...order.slice(index + 1), 'cli', 'index\\.ts'].join('|')})(/|$)` },
}));

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...onlyUp,
    { name: 'errors-import-nothing', severity: 'error', from: { path: '^src/errors\\.ts$' }, to: { path: '^src/' } },
    {
      name: 'sparkify-is-known-to-few',
      comment: 'Only generator/ and the CLI know the Sparkify warehouse; every stage works from the model alone.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(sparkify|generator|cli)/|^src/index\\.ts$' },
      to: { path: '^src/sparkify/' },
    },
    {
      name: 'engines-are-opened-in-one-place',
      comment: 'An engine is reached through engines/index.ts; only land/ may use the embedded parser directly.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(engines|land)/' },
      to: { path: '^src/engines/(duckdb|postgres|redshift)/' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|smoke)/', dependencyTypesNot: ['npm'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
