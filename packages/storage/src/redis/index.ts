// Apps import this module only with REDIS_URL, because it takes time to load.
export * from './redis-connection.ts';
export * from './redis-job-queue.ts';
export * from './redis-limits.ts';
export * from './redis-response-cache.ts';
