import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY_ROOT } from '@prodigon/platform';
import { describe, expect, it } from 'vitest';
import { parseSimulatorParameters } from './simulator-parameters.ts';

const isAccepted = (query: string) => {
  try {
    parseSimulatorParameters(`prodigon-sim?${query}`);
    return true;
  } catch {
    return false;
  }
};

describe("the simulator's parameters", () => {
  it('have defaults', () => {
    const defaults = { ttft_ms: 200, tokens_per_s: 80, tokens: 120, seed: 1, after: 3, circuit_breaker: 'false', retry_after: 2 };
    expect(parseSimulatorParameters('prodigon-sim')).toEqual(defaults);
    expect(parseSimulatorParameters('prodigon-sim?')).toEqual(defaults);
  });

  it('are documented in docs/architecture/providers.md', () => {
    const page = readFileSync(join(REPOSITORY_ROOT, 'docs/architecture/providers.md'), 'utf8');
    const [, table = ''] = page.split('| Parameter | Default | Meaning |');
    const rows = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| `([a-z_]+)` \| `?(\w+)`? \|/gm)];
    const documented = rows.map(([, name, value]) => [name, value]).filter(([, value]) => value !== 'none');
    expect(Object.fromEntries(documented)).toEqual(
      Object.fromEntries(Object.entries(parseSimulatorParameters('prodigon-sim')).map(([name, value]) => [name, String(value)])),
    );
  });

  it.each([
    ['ttft_ms=0', 'ttft_ms=-1'],
    ['ttft_ms=600000', 'ttft_ms=600001'],
    ['tokens_per_s=0.001', 'tokens_per_s=0'],
    ['tokens_per_s=1000000', 'tokens_per_s=1000001'],
    ['tokens=1', 'tokens=0'],
    ['tokens=1000000', 'tokens=1000001'],
    ['tokens=2', 'tokens=1.5'],
    ['seed=0', 'seed=-1'],
    ['after=0', 'after=-1'],
    ['after=1000000', 'after=1000001'],
    ['retry_after=86400', 'retry_after=86401'],
    ['fault=hang', 'fault=none'],
    ['circuit_breaker=true', 'circuit_breaker=1'],
  ])('may be %s, and not %s', (accepted, rejected) => {
    expect([isAccepted(accepted), isAccepted(rejected)]).toEqual([true, false]);
  });

  it('are reported with their names', () => {
    expect(() => parseSimulatorParameters('prodigon-sim?tokens=0&seed=x')).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_ERROR',
        message: expect.stringMatching(/^The simulator's parameters are invalid\. tokens: .+\. seed: .+\.$/),
        details: [expect.objectContaining({ path: 'model.tokens' }), expect.objectContaining({ path: 'model.seed' })],
      }),
    );
  });
});
