import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['packages/testing/src/install-programs.ts', 'packages/testing/src/shared-postgres.ts'],
    // Generous: a test waits for what it expects, however busy the machine is.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
