export * from './api-client.ts';
export * from './chunks-of.ts';
export { isUnreachable } from './http-calls.ts';
export type * from './jobs-api.ts';
export * from './read-stream-events.ts';
export * from './read-typed-events.ts';
export * from './watch-job.ts';
