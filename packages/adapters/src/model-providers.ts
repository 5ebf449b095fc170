export * from './model-provider/create-model-providers.ts';
export * from './model-provider/embedder/embed-text.ts';
export * from './model-provider/embedder/embedder-model.ts';
export * from './model-provider/embedder/embedder-provider.ts';
export * from './model-provider/openai-compatible/openai-compatible-provider.ts';
export * from './model-provider/simulator/simulator-provider.ts';
export * from './model-provider/tutor/tutor-provider.ts';
