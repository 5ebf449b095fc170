export * from './config/data-directory.ts';
export * from './config/load-configuration.ts';
export * from './config/variables.ts';
export * from './repository.ts';
