export * from './chromium.ts';
export * from './fault-provider/fault-provider.ts';
export * from './fault-provider/faults.ts';
export { answerTo } from './fault-provider/paced-models.ts';
export * from './find-program.ts';
export * from './postgres.ts';
export { SHARED_POSTGRES_VARIABLE } from './shared-postgres.ts';
export * from './start-app.ts';
