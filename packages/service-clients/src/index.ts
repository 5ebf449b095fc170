export * from './health/service-probe.ts';
export * from './transport/create-service-clients.ts';
export * from './transport/generation-holder-client.ts';
export * from './transport/http1-transport.ts';
export * from './transport/http2-transport.ts';
export * from './transport/remote-jobs-client.ts';
export * from './transport/remote-lab-client.ts';
export * from './transport/remote-model-client.ts';
