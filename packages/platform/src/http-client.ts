export * from './http-client/connection-pool.ts';
export * from './http-client/incoming-response.ts';
export * from './http-client/read-coalescer.ts';
