import { status } from '@grpc/grpc-js';
import {
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  type ServerReflectionServer,
  ServerReflectionService,
} from '@prodigon/contracts/grpc';
import type { GrpcService } from './create-grpc-server.ts';

/**
 * Creates the reflection service of gRPC (https://grpc.io/docs/guides/reflection/), with which tools such as grpcurl read
 * the protocol. It needs no token, because the protocol is public. `services` are the names that it lists.
 */
export function createReflectionService({ services }: { services: readonly string[] }): GrpcService {
  const implementation: ServerReflectionServer = {
    serverReflectionInfo(call) {
      let pending = Promise.resolve();
      call.on('data', (request: ServerReflectionRequest) => {
        pending = pending.then(async () => {
          const messageResponse = await respond(request, services);
          call.write({ validHost: request.host, originalRequest: request, messageResponse });
        });
      });
      call.on('end', () => void pending.then(() => call.end()));
    },
  };
  return { definition: ServerReflectionService, implementation };
}

type MessageResponse = NonNullable<ServerReflectionResponse['messageResponse']>;

async function respond({ messageRequest }: ServerReflectionRequest, services: readonly string[]): Promise<MessageResponse> {
  // Most processes never need the descriptors.
  const { findFileDescriptor, findSymbolDescriptor } = await import('@prodigon/contracts/grpc-descriptors');
  switch (messageRequest?.$case) {
    case 'listServices':
      return { $case: 'listServicesResponse', value: { service: services.map((name) => ({ name })) } };
    case 'fileByFilename':
      return toFileResponse(findFileDescriptor(messageRequest.value));
    case 'fileContainingSymbol':
      return toFileResponse(findSymbolDescriptor(messageRequest.value));
    default:
      return toErrorResponse(status.UNIMPLEMENTED, 'The protocol has no extensions.');
  }
}

function toFileResponse(descriptor: Uint8Array | undefined): MessageResponse {
  if (!descriptor) return toErrorResponse(status.NOT_FOUND, 'The protocol does not declare this name.');
  return { $case: 'fileDescriptorResponse', value: { fileDescriptorProto: [Buffer.from(descriptor)] } };
}

function toErrorResponse(errorCode: status, errorMessage: string): MessageResponse {
  return { $case: 'errorResponse', value: { errorCode, errorMessage } };
}
