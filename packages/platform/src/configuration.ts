export * from './config/load-configuration.ts';
export * from './config/settings.ts';
export * from './repository.ts';
