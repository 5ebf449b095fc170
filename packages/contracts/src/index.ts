export * from './chat-request.ts';
export * from './content.ts';
export * from './errors.ts';
export * from './generation.ts';
export * from './models.ts';
export * from './stream-events.ts';
export * from './system.ts';
export * from './token-estimate.ts';
