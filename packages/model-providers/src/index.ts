export { createModelProviders, isOfflineModel } from './create-model-providers.ts';
export { createEmbedderProvider } from './embedder/embedder-provider.ts';
export { createOpenAiCompatibleProvider } from './openai-compatible/openai-compatible-provider.ts';
export { createSimulatorProvider } from './simulator/simulator-provider.ts';
export { createTutorProvider } from './tutor/tutor-provider.ts';
