export * from './create-model-providers.ts';
export * from './embedder/embed-text.ts';
export * from './embedder/embedder-model.ts';
export * from './embedder/embedder-provider.ts';
export * from './openai-compatible/openai-compatible-provider.ts';
export * from './simulator/simulator-provider.ts';
export * from './tutor/tutor-provider.ts';
