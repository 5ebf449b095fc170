export { setProcessName, suggest, VERSION } from '@prodigon/platform/configuration';
export { BUNDLED_APPS, type BundledApp, bundlePath, findAppEntry, isBundleFresh, sourcePath } from './app-bundle.mjs';
export { type ConnectionDistributor, createConnectionDistributor } from './connection-distributor.ts';
export * from './create-stack.ts';
export * from './database/index.ts';
export * from './locate-gateway.ts';
export { NODE_FLAGS } from './node-flags.ts';
export * from './process-plan.ts';
export { REPLICAS_MAX, REPLICATED, type ReplicaPorts, type Replicas } from './replicas.ts';
export * from './stack-error.ts';
export * from './stack-event.ts';
export {
  type ConfigurationReport,
  checkConfiguration,
  loadStackSettings,
  locateDataDirectory,
  type SettingsOptions,
  type StackSettings,
} from './stack-settings.ts';
export * from './stack-status.ts';
export * from './watch-sources.ts';
