import type { ChatRequest } from '@prodigon/contracts';
import { createLogger, createMetrics } from '@prodigon/platform';
import type { CallContext, ModelProvider, ProviderContext, ProviderRequest, UsageRecord } from '@prodigon/ports';
import { createModelService, type ModelServiceDependencies } from './index.ts';

export const USAGE = { prompt_tokens: 1_000_000, completion_tokens: 2_000_000, total_tokens: 3_000_000 };
export const REQUEST: ChatRequest = { model: 'large', messages: [{ role: 'user', content: '12345678' }] };
export const LIMITS = { requests: { limit: 10, remaining: 9, resetMs: 100 }, tokens: null };

type Overrides = Partial<Pick<ModelProvider, 'complete' | 'stream' | 'embed'>>;

/** Creates a model service over one provider with the models `large` and `small`, and collects the usage records. */
export function setUpModelService(overrides: Overrides = {}, dependencies: Partial<ModelServiceDependencies> = {}) {
  const records: UsageRecord[] = [];
  const requests: ProviderRequest[] = [];
  const caller = new AbortController();
  const provider = {
    name: 'acme',
    offline: false,
    models: async () => [{ id: 'large' }, { id: 'small' }],
    async complete(request: ProviderRequest, { onRateLimits }: ProviderContext) {
      requests.push(request);
      onRateLimits?.(LIMITS);
      return { text: 'Hello you', finish: 'stop', usage: USAGE };
    },
    async *stream() {
      yield [{ type: 'text', text: 'Hello' }];
      yield [
        { type: 'finish', reason: 'stop' },
        { type: 'usage', usage: USAGE },
      ];
    },
    embed: async () => ({ body: '{"data":[]}', usage: null }),
    ...overrides,
  } as ModelProvider;
  const usageStore = {
    async record(added: readonly UsageRecord[]) {
      records.push(...added);
      return added.length;
    },
    purge: async () => 0,
    summarize: async () => [],
  };
  const service = createModelService({
    providers: [
      {
        endpoints: [provider],
        models: { large: { aliases: ['big'], price: { input: 1, output: 3 } }, small: {} },
        retired: { old: { on: '2020-01-01', use: 'large' } },
      },
    ],
    timeouts: { firstTokenMs: 60_000, idleMs: 60_000 },
    usage: { store: usageStore, retentionDays: 90 },
    metrics: createMetrics(),
    logger: createLogger({ service: 'test', level: 'silent', secrets: [] }),
    policy: { firstDelayMs: 0 },
    ...dependencies,
  });
  const context: CallContext = {
    requestId: 'request-1',
    traceparent: '',
    principal: { id: 'ada' },
    deadline: performance.now() + 3_600_000,
    signal: caller.signal,
  };
  /** Closes the service and returns its usage records. */
  const recorded = async () => {
    await service.close();
    return records;
  };
  return { client: service.client, context, caller, requests, recorded };
}
