export * from './attachments.ts';
export * from './conversations.ts';
export * from './message-positions.ts';
export * from './question-title.ts';
export * from './templates.ts';
export * from './transfer.ts';
export * from './turns.ts';
