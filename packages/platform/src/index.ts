export * from './config/load-configuration.ts';
export * from './config/variables.ts';
