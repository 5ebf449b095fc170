import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // Generous: a test waits for what it expects, however busy the machine is.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
