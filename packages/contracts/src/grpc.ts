/** The generated code of `proto/`, for Node only. */
export * from './gen/grpc/health/v1/health.ts';
export * from './gen/grpc/reflection/v1/reflection.ts';
export * from './gen/prodigon/inference/v1/inference.ts';
