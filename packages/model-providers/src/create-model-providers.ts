import type { Configuration, ModelsConfiguration } from '@prodigon/platform';
import { createReadCoalescer } from '@prodigon/platform/http-client';
import type { ContentStore, ProviderRegistration } from '@prodigon/ports';
import { createProviderEntry } from './create-provider-entry.ts';
import { createEmbedderProvider } from './embedder/embedder-provider.ts';
import { createSimulatorProvider } from './simulator/simulator-provider.ts';
import { createTutorProvider } from './tutor/tutor-provider.ts';

/**
 * The providers that are turned on, the default one first. The offline models are always offered, and never stand in
 * for a provider that fails.
 */
export function createModelProviders(
  { CONNECT_TIMEOUT_MS, USE_MOCK }: Configuration,
  { providers }: ModelsConfiguration,
  content: ContentStore,
): ProviderRegistration[] {
  const offline: ProviderRegistration[] = [
    { endpoints: [createTutorProvider({ content })] },
    { endpoints: [createSimulatorProvider()] },
    { endpoints: [createEmbedderProvider()] },
  ];
  if (USE_MOCK) return offline;
  // One for all: how busy the process is does not depend on whom it reads.
  const options = { connectTimeoutMs: CONNECT_TIMEOUT_MS, readCoalescer: createReadCoalescer() };
  return [...providers.map((definition) => createProviderEntry(definition, options)), ...offline];
}
