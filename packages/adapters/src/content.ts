export * from './content/create-content-store.ts';
export * from './content/file-content-store.ts';
