export * from './api-client.ts';
export { isGatewayUnreachable } from './http-client.ts';
export type * from './jobs-api.ts';
export * from './read-stream-events.ts';
export * from './sse-reader.ts';
export * from './stream-chunks.ts';
export * from './watch-job.ts';
