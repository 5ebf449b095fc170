import { defineConfig } from 'vitest/config';

interface Mutation {
  /** Absolute path. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

const mutation: Mutation | undefined = process.env.PRODIGON_MUTATION && JSON.parse(process.env.PRODIGON_MUTATION);
/** The folder whose tests run, e.g. `packages/contracts`. By default all. */
const folder = process.env.PRODIGON_MUTATION_TESTS;

const isMutated = (id: string) => id.split('?')[0] === mutation?.file;

/** Runs the tests that start no process on sources with one mutation, which scripts/mutants.mjs chooses. */
export default defineConfig({
  plugins: [
    {
      name: 'mutation',
      enforce: 'pre',
      // Vitest would run the unmutated file from its cache of earlier runs.
      configureVitest: ({ defineCacheKeyGenerator }) => defineCacheKeyGenerator(({ id }) => (isMutated(id) ? false : null)),
      transform(code, id) {
        if (!mutation || !isMutated(id)) return;
        return code.slice(0, mutation.start) + mutation.replacement + code.slice(mutation.end);
      },
    },
  ],
  test: {
    include: folder ? [`${folder}/**/*.test.ts`] : ['{services,packages}/**/*.test.ts', 'apps/{cli,web}/src/**/*.test.{ts,tsx}'],
    // Of the system tests, those of the storage need a database and no process of their own.
    exclude: [
      '**/node_modules/**',
      '**/dist/**',
      '**/*.matrix.test.ts',
      '{services,apps,packages/!(storage)}/**/*.system.test.ts',
    ],
    setupFiles: ['packages/testing/src/forbid-processes.ts'],
    globalSetup: ['packages/testing/src/global-setup.ts'],
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: ['dot'],
  },
});
