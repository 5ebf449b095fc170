import type { Reporter } from 'vitest/node';

/** Lists every test that passed only on a retry, so that retries do not hide flaky tests. */
export const flakyTestsReporter: Reporter = {
  onTestRunEnd(modules) {
    const flaky = modules.flatMap(({ children, relativeModuleId }) =>
      [...children.allTests('passed')]
        .filter((test) => (test.diagnostic()?.retryCount ?? 0) > 0)
        .map(({ fullName }) => `  ${relativeModuleId}: ${fullName}`),
    );
    if (flaky.length > 0) process.stdout.write(`\nFlaky tests, which passed only on a retry:\n${flaky.join('\n')}\n`);
  },
};
