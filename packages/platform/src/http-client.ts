export * from './http-client/connection-pool.ts';
export * from './http-client/content-decoding.ts';
export * from './http-client/read-coalescing.ts';
