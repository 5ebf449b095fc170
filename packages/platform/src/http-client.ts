export * from './http-client/connection-pool.ts';
export * from './http-client/content-decoding.ts';
export * from './http-client/find-proxy.ts';
export * from './http-client/proxy-connector.ts';
export * from './http-client/read-coalescing.ts';
