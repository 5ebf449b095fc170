import type { CallContext } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Creates the context of a call. Throws `SERVICE_UNAVAILABLE` while the process drains. */
export type CreateContext = (request: FastifyRequest, reply: FastifyReply, timeoutMs?: number) => CallContext;

/** The part of the gateway's model catalog that conversations use. */
export interface ModelResolver {
  /**
   * Returns the id of a model, bare and with its parameters. Throws `UNKNOWN_MODEL`, `FORBIDDEN` for a model that the
   * caller's key may not use, or `SERVICE_UNAVAILABLE` when the model service cannot be reached.
   */
  resolve(
    model: string | null | undefined,
    context: CallContext,
  ): Promise<{ readonly id: string; readonly model: string; readonly isOffline: boolean; readonly warning: string | null }>;
}
