/** The model service over gRPC. It loads gRPC, which only processes that serve it should do. */
export * from './inference/inference-grpc-service.ts';
