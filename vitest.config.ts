import { defineConfig } from 'vitest/config';
import { clientMatrixReporter } from './packages/testing/src/clients/client-matrix-reporter.ts';
import { flakyTestsReporter } from './packages/testing/src/flaky-tests-reporter.ts';
import { LongestFirstSequencer } from './packages/testing/src/longest-first-sequencer.ts';

/** The suffix of a test file decides which project runs it; docs/contributing/testing.md lists them. */
const UNIT = ['**/*.test.{ts,tsx}'];
const SYSTEM = ['**/*.{system,matrix}.test.ts', '**/e2e/**/*.test.ts'];
const MATRIX = ['**/*.matrix.test.ts'];
const CLIENTS = ['**/*.clients.test.ts'];
const DEPLOY = ['**/*.deploy.test.ts'];
const WORKSHOP = ['**/*.workshop.test.ts'];
/** Tests that require root on Linux. */
const HOSTS = ['packages/testing/src/hosts/**'];
const NO_TESTS = ['**/node_modules/**', '**/dist/**'];

const GLOBAL_SETUP = 'packages/testing/src/global-setup.ts';

export default defineConfig({
  test: {
    // Most files wait for processes and browsers: three leave a quarter of the time of two cores idle.
    maxWorkers: 4,
    // Tests leave nothing behind in their process, so that the next file need not load everything again.
    isolate: false,
    sequence: { sequencer: LongestFirstSequencer },
    // A test waits for what it expects, however busy the machine is.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // On a shared machine one race in thousands of tests would fail every run. The reporter lists retried tests.
    retry: process.env.CI ? 1 : 0,
    reporters: ['default', flakyTestsReporter, clientMatrixReporter],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: UNIT,
          exclude: [...NO_TESTS, ...SYSTEM, ...CLIENTS, ...DEPLOY, ...WORKSHOP],
          setupFiles: ['packages/testing/src/forbid-processes.ts'],
          pool: 'threads',
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: SYSTEM,
          exclude: NO_TESTS,
          pool: 'forks',
          globalSetup: GLOBAL_SETUP,
        },
      },
      {
        extends: true,
        test: {
          name: 'matrix',
          include: MATRIX,
          exclude: NO_TESTS,
          // The cells that the system tests leave out.
          env: { PRODIGON_TEST_MATRIX: 'rest' },
          pool: 'forks',
          globalSetup: GLOBAL_SETUP,
        },
      },
      {
        extends: true,
        test: {
          name: 'clients',
          include: CLIENTS,
          exclude: NO_TESTS,
          pool: 'forks',
          globalSetup: GLOBAL_SETUP,
        },
      },
      {
        extends: true,
        test: {
          name: 'deploy',
          include: DEPLOY,
          exclude: [...NO_TESTS, ...(process.env.PRODIGON_FAILURE_CASES === 'none' ? HOSTS : [])],
          pool: 'forks',
          globalSetup: GLOBAL_SETUP,
          // The files share the images and the processors.
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'workshop',
          include: WORKSHOP,
          exclude: NO_TESTS,
          pool: 'forks',
        },
      },
    ],
  },
});
