import type { Lifecycle, Logger, Metrics } from '@prodigon/platform';
import type {
  ConversationStore,
  GenerationHolder,
  GenerationHolderClient,
  GenerationStore,
  ModelClient,
  PromptTemplateStore,
} from '@prodigon/ports';
import type { FastifyPluginAsync } from 'fastify';
import { conversationsRoutes } from './conversations/conversations.routes.ts';
import { messagesRoutes } from './conversations/messages.routes.ts';
import { createTitleWriter, type FirstTurn } from './conversations/title-writer.ts';
import { templatesRoutes } from './templates/templates.routes.ts';
import { exportRoutes } from './transfer/export.routes.ts';
import { shareRoutes } from './transfer/share.routes.ts';
import { type ReadAttachments, textOf } from './turns/conversation-history.ts';
import { createGenerationReader } from './turns/generation-reader.ts';
import { createGenerationRunner, type GenerationTimings } from './turns/generation-runner.ts';
import { internalGenerationsRoutes } from './turns/internal-generations.routes.ts';
import { createTurnService, type FinishedTurn, type TurnModels } from './turns/turn-service.ts';
import { type TurnsRoutesOptions, turnsRoutes } from './turns/turns.routes.ts';

export { type ChatFiles, type ChatFilesDependencies, createChatFiles } from './chat-files.ts';
export type { ReadAttachments } from './turns/conversation-history.ts';

export interface ChatServiceDependencies {
  readonly stores: {
    readonly conversations: ConversationStore;
    readonly generations: GenerationStore;
    readonly templates: PromptTemplateStore;
  };
  readonly model: Pick<ModelClient, 'stream' | 'complete'>;
  readonly models: TurnModels;
  /** Admission and contexts of the gateway. */
  readonly calls: Pick<TurnsRoutesOptions, 'admit' | 'createContext'>;
  /** This process. Its URL is known once its internal server listens. */
  readonly holder: GenerationHolder;
  readonly holders: GenerationHolderClient;
  readonly readAttachments?: ReadAttachments | undefined;
  /** Whether models write the titles of conversations. */
  readonly hasModelTitles: boolean;
  readonly lifecycle: Pick<Lifecycle, 'draining'>;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly timings?: Partial<GenerationTimings & { heartbeatMs: number; pollMs: number }> | undefined;
}

const HEARTBEAT_MS = 15_000;

/** Creates the conversations of the platform, as plugins for the HTTP servers of a gateway. */
export function createChatService(dependencies: ChatServiceDependencies) {
  const { stores, model, models, calls, holder, holders, metrics, logger, timings } = dependencies;
  const { createContext } = calls;
  const { readAttachments = async () => [] } = dependencies;
  const runner = createGenerationRunner({
    store: stores.generations,
    holder,
    model,
    logger,
    timings,
    onCountChange: (running) => metrics.runningGenerations.set(running),
  });
  const titles = createTitleWriter({
    store: stores.conversations,
    model,
    catalog: models,
    lifecycle: dependencies.lifecycle,
    logger,
    isEnabled: dependencies.hasModelTitles,
  });
  const onFinished = (turn: FinishedTurn) => {
    const first = firstTurnOf(turn);
    if (first) titles.afterTurn(first);
  };
  const turns = createTurnService({ ...stores, holder, models, runner, readAttachments, onFinished });
  const reader = createGenerationReader({ store: stores.generations, runner, holder, holders, pollMs: timings?.pollMs });

  return {
    /** Public routes. */
    plugins: [
      turnsRoutes({ turns, reader, ...calls, heartbeatMs: timings?.heartbeatMs ?? HEARTBEAT_MS }),
      conversationsRoutes({ store: stores.conversations, catalog: models, createContext }),
      messagesRoutes({ store: stores.conversations, createContext }),
      exportRoutes({ store: stores.conversations, createContext }),
      shareRoutes({ store: stores.conversations, createContext }),
      templatesRoutes({ store: stores.templates, createContext }),
    ] as FastifyPluginAsync[],
    /** Routes for other gateways. */
    internalPlugins: [internalGenerationsRoutes({ runner })] as FastifyPluginAsync[],
    async close() {
      runner.close();
      await titles.idle();
    },
  };
}

/** Returns what the title of a conversation depends on; undefined after any turn but its first. */
function firstTurnOf({ started, end, context }: FinishedTurn): FirstTurn | undefined {
  const { conversation, history, isContinuation, olderMessages } = started;
  const [question, ...others] = history;
  if (!question || others.length > 0 || olderMessages > 0 || isContinuation || end.status !== 'done' || !end.model)
    return undefined;
  return { conversation, question: textOf(question.parts), response: textOf(end.parts), model: end.model, context };
}
