export { createEmbedderProvider } from './embedder/embedder-provider.ts';
export { createOpenAiCompatibleProvider } from './openai-compatible/openai-compatible-provider.ts';
export { createProviderFactory, isOfflineModel, type ProviderFactory } from './provider-factory.ts';
export { createSimulatorProvider } from './simulator/simulator-provider.ts';
export { createTutorProvider } from './tutor/tutor-provider.ts';
