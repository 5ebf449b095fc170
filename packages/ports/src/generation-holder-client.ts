import type { Generation } from '@prodigon/contracts/conversations';
import type { CallContext } from './call-context.ts';

/** The API of a process that receives responses, for the gateways that do not. It throws the errors of that process. */
export interface GenerationHolderClient {
  /** Returns the events of a generation after a position, in complete frames. The iterable throws when they break off. */
  stream(
    holderUrl: string,
    generation: { readonly id: string; readonly after: number | undefined },
    context: CallContext,
  ): Promise<AsyncIterable<Uint8Array>>;
  /** Stops a generation, and resolves when its end is stored. */
  cancel(holderUrl: string, generationId: string, context: CallContext): Promise<Pick<Generation, 'id'>>;
}
