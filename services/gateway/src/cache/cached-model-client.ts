import { AppError, type CacheResult, type ChatRequest, completionText, type EmbeddingRequest } from '@prodigon/contracts';
import { createByteBudget } from '@prodigon/platform';
import type {
  CacheFlight,
  CallContext,
  Completion,
  Embeddings,
  KeyDirectory,
  ModelClient,
  ModelStream,
  Principal,
  ResponseCache,
  ResponseMetadata,
} from '@prodigon/ports';
import type { ModelCatalog } from '../models/model-catalog.ts';
import { type CacheKeyParts, createCacheKey } from './cache-key.ts';
import { createFrameRecorder } from './frame-recorder.ts';
import { contentFrame, replayStream } from './replay-stream.ts';
import { decodeStoredResponse, encodeStoredResponse, isStorable, type StoredResponse } from './stored-response.ts';

export interface CachedModelClientOptions {
  readonly model: ModelClient;
  readonly cache: ResponseCache;
  readonly catalog: Pick<ModelCatalog, 'resolve'>;
  readonly keys?: Pick<KeyDirectory, 'findValid' | 'chainOf'> | undefined;
  readonly onResult: (result: CacheResult) => void;
}

/** A request that the model responds to. */
interface Miss {
  readonly result: 'miss' | 'bypass';
  /** Null if the response is not stored. */
  readonly key: string | null;
  /** The id of the requested model. The response of a fallback is not stored: it would outlive the failure. */
  readonly model: string;
  readonly flight: CacheFlight | null;
}

interface Hit {
  readonly result: 'hit';
  readonly stored: StoredResponse;
  readonly warning: string | null;
}

type Unary = Embeddings & Partial<Pick<Completion, 'finish'>>;

const BYPASS: Miss = { result: 'bypass', key: null, model: '', flight: null };
/** A client that does not read its stream, and a model that is slow, delay identical requests no longer than this. */
const WAIT_MS_MAX = 10_000;
/** Bytes of all streams in flight that are recorded. Further ones are not stored. */
const RECORDED_BYTES_MAX = 64 << 20;

/** Milliseconds without progress of a stream after which the requests that wait for it call the model themselves. */
const STALL_MS = 5_000;

/** Wraps a model client with a cache of exact repetitions. */
export function createCachedModelClient(options: CachedModelClientOptions): ModelClient {
  const { model: origin, cache, catalog, keys, onResult } = options;
  const recorded = createByteBudget(RECORDED_BYTES_MAX, 'Too many responses are recorded.');

  /** Returns what the API key may use. Undefined for a key that became invalid. */
  function rightsOf({ keyId }: Principal): unknown {
    if (keyId === undefined || keys === undefined) return keyId ?? null;
    const key = keys.findValid(keyId);
    return key ? keys.chainOf(key).map(({ models }) => models) : undefined;
  }

  async function find(kind: CacheKeyParts['kind'], request: ChatRequest | EmbeddingRequest, context: CallContext) {
    const { principal, linkBase, cacheControl, deadline, signal } = context;
    const rights = rightsOf(principal);
    // Only the model service knows the default model for embeddings.
    const isNamed = kind !== 'embedding' || (request.model ?? null) !== null;
    if (cacheControl === 'no-store' || rights === undefined || !isNamed) return BYPASS;
    // The model service explains why it cannot serve a model.
    const resolved = await catalog.resolve(request.model, context).catch(() => null);
    if (!resolved) return BYPASS;
    const { id: model, isOffline, warning } = resolved;
    const key = await createCacheKey({
      owner: principal.id,
      rights,
      kind,
      model: resolved.model,
      // Only offline models know the host that the client uses, which may be another for each gateway.
      linkBase: isOffline ? linkBase : undefined,
      request,
    });
    if (cacheControl === 'no-cache') return { result: 'bypass', key, model, flight: null } satisfies Miss;

    // Half of the time remains for a call of the model.
    const waitMs = Math.min(WAIT_MS_MAX, (deadline - performance.now()) / 2);
    const found = await cache.lookup(key, { waitMs, signal });
    if (found.result === 'unavailable') return BYPASS;
    if (found.result === 'miss') return { result: 'miss', key, model, flight: found.flight } satisfies Miss;
    return { result: 'hit', stored: decodeStoredResponse(found.response), warning } satisfies Hit;
  }

  async function lookUp(...call: Parameters<typeof find>): Promise<Hit | Miss> {
    const found: Hit | Miss = await find(...call);
    onResult(found.result);
    return found;
  }

  /** Calls the model. When it fails, the waiting requests call it themselves, unless the client of this one disconnected. */
  async function callOrigin<Result extends ResponseMetadata>({ result, flight }: Miss, call: () => Promise<Result>) {
    try {
      // Not a copy, which would evaluate the getter of the text.
      return Object.assign(await call(), { cache: result });
    } catch (thrown) {
      flight?.end(AppError.from(thrown).code === 'CANCELLED' ? 'cancelled' : 'completed');
      throw thrown;
    }
  }

  /** Stores the response, if it has a body that may be stored, and then ends the wait of identical requests. */
  async function save({ key, model, flight }: Miss, response: Omit<StoredResponse, 'body'>, body: Buffer | null): Promise<void> {
    const { provider, finish, usage, estimated, sequence, generationId } = response;
    if (key !== null && body !== null && response.model === model)
      await cache.store(key, encodeStoredResponse({ provider, model, finish, usage, estimated, sequence, generationId, body }));
    flight?.end('completed');
  }

  /** Stores a unary response in the background. */
  function saveUnary(miss: Miss, { model, provider, usage, estimated, body, finish }: Unary): void {
    const bytes = miss.key === null || body.length > cache.responseBytesMax ? null : Buffer.from(body);
    const isAllowed = bytes !== null && (finish === undefined || isStorable(finish, bytes));
    const response = { model, provider, usage, estimated, finish: finish ?? '', sequence: 0, generationId: '' };
    void save(miss, response, isAllowed ? bytes : null);
  }

  /** Returns the stream, and stores it when its reader has read all of it. */
  function record(miss: Miss, stream: ModelStream, generationId: string): ModelStream {
    const recorder = createFrameRecorder(cache.responseBytesMax, recorded.open());
    // One reader that stops reading must not delay identical requests.
    const stall = setTimeout(() => miss.flight?.end('completed'), STALL_MS).unref();
    void stream.outcome.then(({ status }) => {
      if (status === 'completed') return;
      clearTimeout(stall);
      recorder.close();
      miss.flight?.end(status === 'cancelled' ? 'cancelled' : 'completed');
    });

    async function* recordView<Piece>(view: AsyncIterable<Piece>, toBytes: (piece: Piece) => Uint8Array) {
      for await (const piece of view) {
        recorder.add(toBytes(piece));
        yield piece;
        stall.refresh();
      }
      clearTimeout(stall);
      const { finish, usage, estimated, sequence } = await stream.outcome;
      const { provider, model } = stream;
      const response = { provider, model, finish: finish ?? '', usage, estimated, sequence, generationId };
      const frames = recorder.bytes();
      void save(miss, response, frames && isStorable(finish, frames) ? frames : null).finally(recorder.close);
    }

    return {
      ...stream,
      events: () => recordView(stream.events(), contentFrame),
      bytes: () => recordView(stream.bytes(), (frames) => frames),
    };
  }

  return {
    async complete(request, context) {
      const found = await lookUp('completion', request, context);
      if (found.result === 'hit') return repeatCompletion(found);
      const completion = await callOrigin(found, () => origin.complete(request, context));
      saveUnary(found, completion);
      return completion;
    },

    async stream(request, context, options) {
      const found = await lookUp(`stream of ${options.format}`, request, context);
      if (found.result === 'hit') return replayStream(found.stored, options, { context, warning: found.warning });
      const stream = await callOrigin(found, () => origin.stream(request, context, options));
      return found.key === null ? stream : record(found, stream, options.generationId);
    },

    async embed(request, context) {
      const found = await lookUp('embedding', request, context);
      if (found.result === 'hit') return repeatUnary(found);
      const embeddings = await callOrigin(found, () => origin.embed(request, context));
      saveUnary(found, embeddings);
      return embeddings;
    },

    models: (context) => origin.models(context),
    usage: (period, context) => origin.usage(period, context),
  };
}

/** Returns a stored unary response again. It costs nothing. */
function repeatUnary({ stored, warning }: Hit): Embeddings {
  const { provider, model, usage, estimated } = stored;
  const metadata = { provider, model, attempts: [], warning, rateLimits: null, cache: 'hit' } as const;
  return { ...metadata, usage, estimated, costUsd: 0, body: stored.body.toString() };
}

function repeatCompletion(hit: Hit): Completion {
  const response = repeatUnary(hit);
  return {
    ...response,
    finish: hit.stored.finish,
    get text() {
      return completionText(response.body);
    },
  };
}
