import type { ModelService } from '@prodigon/model-service';
import { createInferenceGrpcService } from '@prodigon/model-service/grpc';
import { type ByteBudget, createReadiness, type PreparedProcess, type ReadinessCheck } from '@prodigon/platform';
import {
  createGrpcCallHandlers,
  createGrpcServer,
  createHealthService,
  createReflectionService,
  type GrpcServer,
} from '@prodigon/platform/grpc';

const service = 'model';

export interface ModelGrpcServerParts {
  readonly model: ModelService;
  readonly checks: readonly ReadinessCheck[];
  readonly bodyBudget: ByteBudget;
}

/** Builds the gRPC server of the model service, with the health service of gRPC. */
export function buildModelGrpcServer(
  { configuration, internalToken, lifecycle, logger, metrics, identity }: PreparedProcess,
  { model, checks, bodyBudget }: ModelGrpcServerParts,
): GrpcServer {
  const timeoutMs = configuration.TOTAL_TIMEOUT_MS;
  const calls = createGrpcCallHandlers({ service, logger, metrics, internalToken, lifecycle, timeoutMs });
  const readiness = createReadiness({ service, ...identity, lifecycle, checks });
  const services = ['prodigon.inference.v1.InferenceService'];
  return createGrpcServer([
    createInferenceGrpcService({ client: model.client, calls, bodyBudget }),
    createHealthService({ services, readiness, lifecycle }),
    createReflectionService({ services: [...services, 'grpc.health.v1.Health', 'grpc.reflection.v1.ServerReflection'] }),
  ]);
}
