/**
 * The folders that each folder of code may import. A folder that is not listed may import nothing, so add new folders
 * here first. docs/architecture/design-decisions.md gives the reasons.
 */
const MAY_IMPORT = {
  '(?:packages/contracts|scripts)': [],
  'packages/(?:ports|api-client)': ['packages/contracts'],
  'packages/platform': ['packages/contracts', 'packages/ports'],
  'packages/(?:content|storage|service-clients)': [
    'packages/contracts',
    'packages/ports',
    'packages/api-client',
    'packages/platform',
  ],
  'packages/model-providers': ['packages/contracts', 'packages/ports', 'packages/platform', 'packages/content'],
  'packages/stack': ['packages/contracts', 'packages/ports', 'packages/platform', 'packages/storage'],
  'packages/lab': ['packages/contracts', 'packages/api-client', 'packages/platform', 'packages/stack'],
  'packages/testing': ['packages'],
  'services/(?!lab/)[^/]+': ['packages/contracts', 'packages/ports', 'packages/platform'],
  'services/lab': ['packages/contracts', 'packages/ports', 'packages/platform', 'packages/stack', 'packages/lab'],
  // A rule below lets only the monolith import the other apps.
  'apps/(?:gateway|model|worker|monolith)': ['packages/(?!stack|lab|testing)[^/]+', 'services', 'apps/(?:gateway|model|worker)'],
  'apps/lab': ['packages/platform', 'services/lab'],
  'apps/web': ['packages/contracts', 'packages/api-client'],
  'apps/cli': ['packages/contracts', 'packages/api-client', 'packages/stack', 'packages/lab', 'scripts'],
  bench: ['packages', 'services'],
  workshop: ['packages', 'services'],
  infra: ['packages'],
};

/** Libraries that are slow to load and that the command line never uses, directly or through its imports. */
const CLI_EXCLUDES = ['fastify', 'prom-client', 'undici'];

const OURS = '^(?:packages|services|apps|workshop|bench|infra|scripts)/';
const TESTS = '[.](?:test|test-support)[.]tsx?$|^apps/web/e2e/';
const LISTED = Object.keys(MAY_IMPORT).map((folder) => `^${folder}/`);

const layers = Object.entries(MAY_IMPORT).map(([folder, targets]) => ({
  name: `${folder} -> ${targets.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: `^(${folder})/`, pathNot: TESTS },
  to: { path: OURS, pathNot: ['^$1/', ...targets.map((target) => `^${target}/`)] },
}));

module.exports = {
  forbidden: [
    ...layers,
    {
      name: `apps/cli does not load ${CLI_EXCLUDES.join(', ')}`,
      severity: 'error',
      from: { path: '^apps/cli/', pathNot: TESTS },
      to: { path: `(?:^|/)node_modules/(?:${CLI_EXCLUDES.join('|')})/`, reachable: true },
    },
    { name: 'this folder is not listed', severity: 'error', from: { path: OURS, pathNot: LISTED }, to: {} },
    { name: 'every import resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no import cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'only the monolith imports an app',
      severity: 'error',
      from: { path: '^(apps/[^/]+|(?!apps/)[^/]+/[^/]+)/', pathNot: '^apps/monolith/' },
      to: { path: '^apps/', pathNot: '^$1/' },
    },
    {
      name: 'only the workshop imports the workshop',
      severity: 'error',
      from: { pathNot: '^workshop/' },
      to: { path: '^workshop/' },
    },
    {
      // A production install has no development packages. The web UI is built before.
      name: 'only tests and the web UI import development packages',
      severity: 'error',
      from: { path: '^(?:packages|services|apps)/', pathNot: `${TESTS}|^packages/testing/|^apps/web/` },
      to: { path: 'node_modules/', pathNot: 'node_modules/@types/', dependencyTypes: ['npm-dev'] },
    },
    {
      name: 'tests are imported by tests only',
      severity: 'error',
      from: { pathNot: `${TESTS}|^packages/testing/|^bench/` },
      to: { path: `${TESTS}|^packages/testing/` },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^[^/]+/[^/]+/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.cjs'],
    },
  },
};
