export * from './cluster.ts';
export * from './connect-database.ts';
export * from './connection-record.ts';
export * from './create-database.ts';
export * from './embedded-database.ts';
export * from './start-postmaster.ts';
export * from './stop-postmaster.ts';
