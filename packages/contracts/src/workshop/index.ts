export * from './labs.ts';
export * from './operations.ts';
export * from './tasks.ts';
