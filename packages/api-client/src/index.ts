export * from './api-client.ts';
export { GatewayConnectionError, isGatewayUnreachable, streamChunks } from './http-client.ts';
export type * from './jobs-api.ts';
export * from './sse-reader.ts';
export * from './watch-job.ts';
