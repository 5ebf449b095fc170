import type { Reporter } from 'vitest/node';

/** Names each test that failed before it passed, so that a second try hides nothing. */
export const flakyTestsReporter: Reporter = {
  onTestRunEnd(modules) {
    const unsteady = modules.flatMap(({ children, relativeModuleId }) =>
      [...children.allTests('passed')]
        .filter((test) => (test.diagnostic()?.retryCount ?? 0) > 0)
        .map(({ fullName }) => `  ${relativeModuleId}: ${fullName}`),
    );
    if (unsteady.length > 0) process.stdout.write(`\nPassed only on a second try, so look at them:\n${unsteady.join('\n')}\n`);
  },
};
