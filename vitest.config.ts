import { defineConfig } from 'vitest/config';

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
  },
});
