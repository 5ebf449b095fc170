import { defineConfig } from 'vitest/config';
import { flakyTestsReporter } from './packages/testing/src/flaky-tests-reporter.ts';

export default defineConfig({
  test: {
    include: ['**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['packages/testing/src/install-programs.ts', 'packages/testing/src/shared-postgres.ts'],
    // Most files wait for processes and browsers, so two share even a machine of two cores well.
    maxWorkers: 2,
    // Generous: a test waits for what it expects, however busy the machine is.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // On a shared machine one race in thousands of tests would stop everybody. It is named at the end of the run.
    retry: process.env.CI ? 1 : 0,
    reporters: ['default', flakyTestsReporter],
  },
});
