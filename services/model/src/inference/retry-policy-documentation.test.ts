import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY_ROOT } from '@prodigon/platform';
import { expect, it } from 'vitest';
import { DEFAULT_POLICY } from './retry-policy.ts';

const page = readFileSync(join(REPOSITORY_ROOT, 'docs/architecture/providers.md'), 'utf8');
const [, section = ''] = page.split('\n## Retry policy\n');

it('documents the default retry policy in docs/architecture/providers.md', () => {
  const { attemptsMax, attemptsBeforeFallback, firstDelayMs, longestDelayMs, patienceMs, breaker, budget } = DEFAULT_POLICY;
  const rows = [...section.matchAll(/^\| `([a-z_.]+)` \| (\d+) \|/gm)].map(([, field, value]) => [field, Number(value)]);
  expect(rows).toEqual([
    ['attempts_max', attemptsMax],
    ['attempts_before_fallback', attemptsBeforeFallback],
    ['first_delay_ms', firstDelayMs],
    ['longest_delay_ms', longestDelayMs],
    ['patience_ms', patienceMs],
    ['breaker.failures_max', breaker.failuresMax],
    ['breaker.open_ms', breaker.openMs],
    ['breaker.open_ms_max', breaker.openMsMax],
  ]);
  expect(section).toContain(`\`budget.ratio\` is ${budget.ratio} and \`budget.max\` is ${budget.max}.`);
});
