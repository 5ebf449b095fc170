import { AppError } from '@prodigon/contracts';
import { WORKSHOP_OPERATIONS } from '@prodigon/contracts/workshop';
import { splitAtFrameBoundary } from '@prodigon/platform';
import type { LabCall, LabClient } from '@prodigon/ports';
import { endWhenCancelled } from './end-when-cancelled.ts';
import { createServiceRequester, type ServiceRequest } from './service-request.ts';
import type { Transport } from './transport.ts';

export interface RemoteLabClientOptions {
  readonly transport: Transport;
  readonly internalToken: string;
}

const PUBLIC_BASE = '/api/v1/';
const INTERNAL_BASE = '/internal/v1/';

/** Creates a client of a lab service in another process. It throws the errors that the service throws. */
export function createRemoteLabClient({ transport, internalToken }: RemoteLabClientOptions): LabClient {
  const service = createServiceRequester({ transport, internalToken, title: 'lab service' });
  return {
    async call(call, context) {
      const { response } = WORKSHOP_OPERATIONS[call.operation];
      const json = await service.json(toRequest(call), context);
      return response ? response.parse(json) : json;
    },
    async events(call, context) {
      const bytes = service.body(await service.send(toRequest(call), context), context);
      return endWhenCancelled(splitAtFrameBoundary(bytes), context);
    },
  };
}

/** The client of a platform that does not run the workshop. */
export const disabledLabClient: LabClient = {
  call: async () => {
    throw new AppError('LABS_DISABLED');
  },
  events: async () => {
    throw new AppError('LABS_DISABLED');
  },
};

function toRequest({ operation, params, body }: LabCall): ServiceRequest {
  const { method, path } = WORKSHOP_OPERATIONS[operation];
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  return { method, path: filled.replace(PUBLIC_BASE, INTERNAL_BASE), ...(body && { body }) };
}
