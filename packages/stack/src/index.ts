export { VERSION } from '@prodigon/platform';
export * from './create-stack.ts';
export * from './events.ts';
export * from './locate-gateway.ts';
export * from './plan.ts';
export * from './settings.ts';
export * from './stack-error.ts';
export * from './stack-status.ts';
export * from './watch-sources.ts';
