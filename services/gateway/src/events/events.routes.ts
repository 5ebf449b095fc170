import { AppError, platformEventsQuerySchema, sleep } from '@prodigon/contracts';
import { changeEvents, type Lifecycle, pipeToSse, recordFailure, singleHeader, sseFrame } from '@prodigon/platform';
import type { CallContext, ConversationChangeFeed, JobsClient } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { ReadSystemOverview } from '../system/system-overview.ts';
import { type EventTopic, parseTopics } from './event-topics.ts';
import { streamEvents } from './events.operations.ts';
import { mergeStreams } from './merge-streams.ts';

export interface EventsRoutesOptions {
  jobs: JobsClient;
  /** Undefined on platforms without conversations. */
  conversationChanges: ConversationChangeFeed | undefined;
  readOverview: ReadSystemOverview;
  lifecycle: Pick<Lifecycle, 'draining'>;
  createContext: (request: FastifyRequest, reply: FastifyReply, timeoutMs?: number) => CallContext;
  heartbeatMs: number;
  connectionsMax?: number;
}

/** Maximum open event connections of one gateway. */
const CONNECTIONS_MAX = 500;
const CONNECTION_MS = 3_600_000;
const HEALTH_INTERVAL_MS = 2_000;

/** Streams the events of several topics over one connection, because browsers open at most six to a server. */
export function eventsRoutes(options: EventsRoutesOptions): FastifyPluginAsyncZod {
  const {
    jobs,
    conversationChanges,
    readOverview,
    lifecycle,
    createContext,
    heartbeatMs,
    connectionsMax = CONNECTIONS_MAX,
  } = options;
  let connections = 0;

  async function* healthEvents(context: CallContext): AsyncGenerator<Uint8Array> {
    while (!context.signal.aborted) {
      yield Buffer.from(sseFrame('health', await readOverview(context)));
      await sleep(HEALTH_INTERVAL_MS, context.signal).catch(() => {});
    }
  }

  function conversationEvents({ principal, signal }: CallContext): AsyncGenerator<Uint8Array> {
    return changeEvents({
      changeFeed: conversationChanges,
      ownerId: principal.id,
      idOf: ({ conversationId }) => conversationId,
      frameOf: (conversation_ids) => sseFrame('conversations', { conversation_ids }),
      signal,
    });
  }

  function open(topic: EventTopic, context: CallContext): Promise<AsyncIterable<Uint8Array>> | AsyncIterable<Uint8Array> {
    if ('jobId' in topic) return jobs.events(topic.jobId, topic.after, context);
    if (topic.name === 'jobs') return jobs.listEvents(context);
    return topic.name === 'conversations' ? conversationEvents(context) : healthEvents(context);
  }

  /** Yields the events of one topic. Its failure is an event, so that the other topics continue. */
  async function* topicEvents(topic: EventTopic, context: CallContext, request: FastifyRequest): AsyncGenerator<Uint8Array> {
    try {
      yield* await open(topic, context);
    } catch (thrown) {
      // The client of a revoked key is still there, unlike that of every other cancelled stream.
      if (context.signal.aborted && AppError.from(thrown).code !== 'UNAUTHENTICATED') return;
      const { code, publicMessage: message, retryable } = recordFailure(request, thrown);
      yield Buffer.from(sseFrame('error', { topic: topic.name, code, message, retryable }));
    }
  }

  return async (app) => {
    app.get(
      '/api/v1/events',
      {
        config: { access: 'caller', operation: streamEvents },
        exposeHeadRoute: false,
        schema: { querystring: platformEventsQuerySchema },
      },
      async (request, reply) => {
        const topics = parseTopics(request.query.topics, singleHeader(request.raw, 'last-event-id'));
        const context = createContext(request, reply, CONNECTION_MS);
        if (connections >= connectionsMax) {
          throw new AppError('SERVICE_UNAVAILABLE', 'Too many event connections are open.', { retryAfterSeconds: 5 });
        }
        connections += 1;
        const closed = new AbortController();
        const signal = AbortSignal.any([context.signal, lifecycle.draining, closed.signal]);
        const sources = topics.map((topic) => topicEvents(topic, { ...context, signal }, request));
        const events = mergeStreams(sources, () => {
          connections -= 1;
          closed.abort();
        });
        return pipeToSse(reply, events, { heartbeatMs });
      },
    );
  };
}
