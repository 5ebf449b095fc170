import { AppError } from '@prodigon/contracts';
import { createLogger, createMetrics } from '@prodigon/platform';
import type { ModelProvider, UsageStore } from '@prodigon/ports';
import { expect, it, onTestFinished } from 'vitest';
import { createModelService } from './index.ts';

const providerOf = (name: string, models: ModelProvider['models']) =>
  ({ endpoints: [{ name, offline: false, models } as ModelProvider] }) as const;

it('warns at the start about a provider that refuses its key and about a model that no provider offers', async () => {
  const lines: string[] = [];
  const logger = createLogger({
    service: 'model',
    level: 'info',
    secrets: [],
    destination: { write: (line) => void lines.push(line) },
  });
  const refused = providerOf('acme', async () => {
    throw new AppError('PROVIDER_KEY_REFUSED');
  });
  const service = createModelService({
    providers: [{ ...refused, models: { large: {} } }, providerOf('other', async () => [{ id: 'small' }])],
    defaultModel: 'nobody',
    fallbackModel: 'small',
    timeouts: { firstTokenMs: 1, idleMs: 1 },
    usage: { store: { purge: async () => 0 } as unknown as UsageStore, retentionDays: 1 },
    metrics: createMetrics(),
    logger,
  });
  onTestFinished(() => service.close());
  await service.checkProviders();
  expect(
    lines.map((line) => JSON.parse(line)).map(({ level, msg, provider, model, code }) => [level, msg, provider ?? model, code]),
  ).toEqual([
    [40, 'acme does not list its models', 'acme', 'PROVIDER_KEY_REFUSED'],
    [40, 'A configured model cannot be used: check DEFAULT_MODEL and FALLBACK_MODEL', 'nobody', 'UNKNOWN_MODEL'],
  ]);
});
