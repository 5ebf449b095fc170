export * from './create-database.ts';
export * from './open-job-storage.ts';
export * from './postgres-job-store.ts';
export * from './postgres-lease-store.ts';
export * from './postgres-usage-store.ts';
export * from './queue/memory-job-queue.ts';
export * from './queue/postgres-job-queue.ts';
export * from './run-migrations.ts';
