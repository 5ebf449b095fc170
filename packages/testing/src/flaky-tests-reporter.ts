import type { Reporter } from 'vitest/node';

/** Lists each test that failed before it passed, so that a retry hides nothing. */
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
