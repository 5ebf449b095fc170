import { splitAtFrameBoundary } from '@prodigon/platform';
import type { CallContext, GenerationHolderClient } from '@prodigon/ports';
import { z } from 'zod';
import { createHttp2Transport } from './http2-transport.ts';
import { createServiceRequester, type ServiceRequester } from './service-request.ts';
import type { Transport } from './transport.ts';

export interface GenerationHolderClientOptions {
  readonly internalToken: string;
  readonly connectTimeoutMs: number;
}

const cancelledSchema = z.object({ id: z.uuid() });
/** More gateways than a platform has. Gateways that restart have other URLs. */
const HOLDERS_MAX = 50;

/** Creates a client of the gateways that receive responses. It keeps one connection to each of them. */
export function createGenerationHolderClient({
  internalToken,
  connectTimeoutMs,
}: GenerationHolderClientOptions): GenerationHolderClient & { close(): Promise<void> } {
  const holders = new Map<string, { transport: Transport; requester: ServiceRequester }>();

  function holderAt(baseUrl: string): ServiceRequester {
    const known = holders.get(baseUrl);
    holders.delete(baseUrl);
    const transport = known?.transport ?? createHttp2Transport({ baseUrl, connectTimeoutMs });
    const holder = known ?? { transport, requester: createServiceRequester({ transport, internalToken, title: 'gateway' }) };
    holders.set(baseUrl, holder);
    const [oldest] = holders;
    if (holders.size > HOLDERS_MAX && oldest) {
      holders.delete(oldest[0]);
      void oldest[1].transport.close();
    }
    return holder.requester;
  }

  return {
    async stream(holderUrl, { id, after }, context: CallContext) {
      const holder = holderAt(holderUrl);
      const query = after === undefined ? '' : `?after=${after}`;
      const response = await holder.send({ method: 'GET', path: `/internal/v1/generations/${id}/stream${query}` }, context);
      return splitAtFrameBoundary(holder.body(response, context));
    },
    async cancel(holderUrl, generationId, context) {
      const path = `/internal/v1/generations/${generationId}/cancel`;
      return cancelledSchema.parse(await holderAt(holderUrl).json({ method: 'POST', path }, context));
    },
    async close() {
      await Promise.all([...holders.values()].map(({ transport }) => transport.close()));
    },
  };
}
