export * from './call-context.ts';
export * from './content-store.ts';
export * from './generation-event.ts';
export * from './model-client.ts';
export * from './model-provider.ts';
export * from './service-probe.ts';
