export * from './file-content-store.ts';
export * from './markdown-sections.ts';
