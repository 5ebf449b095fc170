/** The gRPC parts of a process. They load gRPC, which only processes that use it should do. */
export * from './grpc/channel-options.ts';
export * from './grpc/create-grpc-server.ts';
export * from './grpc/error-metadata.ts';
export * from './grpc/grpc-calls.ts';
export * from './grpc/health-service.ts';
export * from './grpc/reflection-service.ts';
export * from './grpc/status-codes.ts';
