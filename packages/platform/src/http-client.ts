export * from './http-client/connection-pool.ts';
export * from './http-client/incoming-answer.ts';
export * from './http-client/read-pacer.ts';
