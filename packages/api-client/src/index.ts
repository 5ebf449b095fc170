export * from './api-client.ts';
export * from './read-stream-events.ts';
