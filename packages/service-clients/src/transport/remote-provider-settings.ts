import { providerStatesSchema } from '@prodigon/contracts';
import type { CallContext, ProviderSettingsClient } from '@prodigon/ports';
import type { RemoteModelClientOptions } from './remote-model-client.ts';
import { createServiceRequester } from './service-request.ts';

const BASE = '/internal/v1/providers';
const RELOAD_TIMEOUT_MS = 5_000;

/** Creates a client of the provider settings of a model service in another process. */
export function createRemoteProviderSettings({ transport, internalToken }: RemoteModelClientOptions): ProviderSettingsClient {
  const service = createServiceRequester({ transport, internalToken, title: 'model service', isRetryable: true });
  const pathOf = (name: string) => `${BASE}/${encodeURIComponent(name)}/settings`;
  return {
    list: async (context) => providerStatesSchema.parse(await service.json({ method: 'GET', path: BASE }, context)),
    async save(name, change, context) {
      await service.json({ method: 'POST', path: pathOf(name), body: change }, context);
    },
    async remove(name, context) {
      await service.json({ method: 'DELETE', path: pathOf(name) }, context);
    },
    async reload(context) {
      await service.json({ method: 'POST', path: `${BASE}/reload` }, context);
    },
  };
}

/**
 * Returns a client that changes the settings through `balanced`, and then lets every replica apply them. A replica that
 * does not respond reads the settings when it starts again.
 */
export function createReplicatedProviderSettings(
  balanced: ProviderSettingsClient,
  replicas: () => Promise<readonly ProviderSettingsClient[]>,
): ProviderSettingsClient {
  async function reload(context: CallContext): Promise<void> {
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(RELOAD_TIMEOUT_MS)]);
    await Promise.allSettled((await replicas()).map((replica) => replica.reload({ ...context, signal })));
  }
  return {
    list: (context) => balanced.list(context),
    async save(name, change, context) {
      await balanced.save(name, change, context);
      await reload(context);
    },
    async remove(name, context) {
      await balanced.remove(name, context);
      await reload(context);
    },
    reload,
  };
}
