export * from './api-client.ts';
export type * from './conversations-api.ts';
export { createHttpClient, GatewayConnectionError, isGatewayUnreachable } from './http-client.ts';
export type * from './jobs-api.ts';
export type * from './keys-api.ts';
export { streamChunks } from './raw-events.ts';
export * from './sse-reader.ts';
export * from './watch-job.ts';
