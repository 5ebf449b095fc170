export * from './config/dot-env.ts';
export * from './config/load-configuration.ts';
export * from './config/settings.ts';
export { suggest } from './config/similar-names.ts';
export * from './config/text-file.ts';
export * from './lifecycle/drop-privileges.ts';
export * from './lifecycle/handoff-messages.ts';
export * from './lifecycle/process-name.ts';
export * from './repository.ts';
