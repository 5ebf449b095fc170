import { AppError, JOB_LIMITS } from '@prodigon/contracts';
import {
  createTurnSchema,
  generationSchema,
  generationStreamQuerySchema,
  TURN_BODY_BYTES_MAX,
} from '@prodigon/contracts/conversations';
import {
  type CallScope,
  createCallScope,
  encodeHeaderValue,
  errorFrame,
  onResponseClosed,
  parseInput,
  singleHeader,
  streamSse,
} from '@prodigon/platform';
import type { CallContext } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { GenerationReader, GenerationSource } from './generation-reader.ts';
import { estimateTurnTokens, type TurnService } from './turn-service.ts';
import { cancelGeneration, createTurn, getGeneration, streamGeneration } from './turns.operations.ts';

/** What a turn asks of the limits of its caller. */
export interface TurnDemand {
  readonly estimateTokens: () => number;
  readonly isStream: true;
}

export interface TurnsRoutesOptions {
  readonly turns: TurnService;
  readonly reader: GenerationReader;
  /** Counts a call until the end of its scope. Throws `SERVICE_UNAVAILABLE` or `RATE_LIMITED` at a limit. */
  readonly admit: (request: FastifyRequest, scope: CallScope, demand: TurnDemand) => CallContext | Promise<CallContext>;
  readonly createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
  readonly heartbeatMs: number;
}

const uuidSchema = z.uuid();
const conversationParamsSchema = z.object({
  id: z.string().meta({ format: 'uuid', description: 'Id of the conversation' }),
});
const generationParamsSchema = z.object({
  id: z.string().meta({ format: 'uuid', description: 'The `generation_id` of the `start` event' }),
});
const idempotencyHeader = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(JOB_LIMITS.idempotencyKeyCharactersMax)
    .optional()
    .describe('Requests that repeat this key within 24 hours get the same response'),
});

export function turnsRoutes(options: TurnsRoutesOptions): FastifyPluginAsyncZod {
  const { turns, reader, admit, createContext, heartbeatMs } = options;
  const config = { access: 'caller' } as const;

  function stream(source: GenerationSource, after: number | undefined, context: CallContext, reply: FastifyReply) {
    return streamSse(reply, { heartbeatMs, errorFrame: (failure) => errorFrame('events', failure) }, async (sse) => {
      sse.open();
      const end = await source.writeTo(sse, after, context);
      // The client of a revoked key is still there, unlike that of every other cancelled stream.
      if (context.signal.aborted && !reply.request.isClosed) throw context.signal.reason;
      return end;
    });
  }

  return async (app) => {
    app.post(
      '/api/v1/chat/sessions/:id/turns',
      {
        config: { ...config, operation: createTurn },
        bodyLimit: TURN_BODY_BYTES_MAX,
        schema: { params: conversationParamsSchema, headers: idempotencyHeader, body: createTurnSchema },
      },
      async (request, reply) => {
        const { 'idempotency-key': idempotencyKey } = parseInput(idempotencyHeader, {
          'idempotency-key': singleHeader(request.raw, 'idempotency-key'),
        });
        const turn = request.body;
        const conversationId = uuidOf(request.params.id, 'CONVERSATION_NOT_FOUND');
        const scope = createCallScope(reply);
        let context: CallContext;
        try {
          context = await admit(request, scope, { estimateTokens: () => estimateTurnTokens(turn), isStream: true });
        } catch (thrown) {
          scope.end();
          throw thrown;
        }
        const { generationId, generation, warning } = await turns.start(
          { conversationId, turn, idempotencyKey },
          context,
          scope.end,
        );
        request.record.generation_id = generationId;
        if (warning !== null) reply.header('x-prodigon-warning', encodeHeaderValue(warning));
        if (generation) {
          const closed = new AbortController();
          onResponseClosed(reply, () => closed.abort());
          return streamSse(reply, { heartbeatMs }, async (sse) => {
            sse.open();
            return generation.read(sse, undefined, closed.signal);
          });
        }
        reply.header('idempotent-replayed', 'true');
        const replayContext = createContext(request, reply);
        return stream(await reader.open(generationId, replayContext), undefined, replayContext, reply);
      },
    );

    app.get(
      '/api/v1/generations/:id',
      {
        config: { ...config, operation: getGeneration },
        schema: { params: generationParamsSchema, response: { 200: generationSchema } },
      },
      async (request, reply) => reader.get(generationIdOf(request.params), createContext(request, reply)),
    );

    app.get(
      '/api/v1/generations/:id/stream',
      {
        config: { ...config, operation: streamGeneration },
        exposeHeadRoute: false,
        schema: { params: generationParamsSchema, querystring: generationStreamQuerySchema },
      },
      async (request, reply) => {
        const id = generationIdOf(request.params);
        const context = createContext(request, reply);
        const after = positionOf(singleHeader(request.raw, 'last-event-id'), id) ?? request.query.after;
        return stream(await reader.open(id, context), after, context, reply);
      },
    );

    app.post(
      '/api/v1/generations/:id/cancel',
      {
        config: { ...config, operation: cancelGeneration },
        schema: { params: generationParamsSchema, response: { 200: generationSchema } },
      },
      async (request, reply) => reader.cancel(generationIdOf(request.params), createContext(request, reply)),
    );
  };
}

function uuidOf(text: string, code: 'NOT_FOUND' | 'CONVERSATION_NOT_FOUND'): string {
  const parsed = uuidSchema.safeParse(text);
  if (!parsed.success) throw new AppError(code);
  return parsed.data.toLowerCase();
}

const generationIdOf = ({ id }: z.infer<typeof generationParamsSchema>) => uuidOf(id, 'NOT_FOUND');

/** Returns the position in the id of an event of this generation; undefined for any other text. */
function positionOf(lastEventId: string | undefined, generationId: string): number | undefined {
  const [, id, position] = /^([0-9a-f-]{36}):(\d{1,15})$/i.exec(lastEventId ?? '') ?? [];
  return id?.toLowerCase() === generationId ? Number(position) : undefined;
}
