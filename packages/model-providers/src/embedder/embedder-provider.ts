import {
  AppError,
  CHARACTERS_PER_TOKEN,
  EMBEDDER_MODEL_ID,
  encodeEmbedding,
  type Usage,
  wrongKindError,
} from '@prodigon/contracts';
import { nextTurn } from '@prodigon/platform';
import { abortReason, type ModelProvider, type ProviderEmbeddingRequest, type ProviderModel } from '@prodigon/ports';
import { embedText } from './embed-text.ts';

export const EMBEDDER_LIMITS = {
  dimensionsMin: 8,
  dimensionsDefault: 256,
  dimensionsMax: 1_024,
  /** Hashing a text of this length blocks the event loop for tens of milliseconds. */
  textCharactersMax: 32_768,
} as const;

/** The description prevents confusion with a language model. */
export const EMBEDDER_MODEL = {
  id: EMBEDDER_MODEL_ID,
  kind: 'embedding',
  description: 'Embeddings for tests and first steps: hashes words and letter groups; no AI',
} as const satisfies ProviderModel;

/** Creates the offline embedding model. It rejects token ids, because it has no vocabulary. */
export function createEmbedderProvider(): ModelProvider {
  return {
    name: 'offline',
    offline: true,
    models: async () => [EMBEDDER_MODEL],
    complete: async () => {
      throw wrongKindError(EMBEDDER_MODEL.id, EMBEDDER_MODEL.kind);
    },
    // biome-ignore lint/correctness/useYield: the model has no chat.
    async *stream() {
      throw wrongKindError(EMBEDDER_MODEL.id, EMBEDDER_MODEL.kind);
    },
    async embed(request, { signal }) {
      const { texts, dimensions } = readRequest(request);
      const data: string[] = [];
      for (const [index, text] of texts.entries()) {
        await nextTurn();
        if (signal.aborted) throw abortReason(signal);
        const embedding = encodeEmbedding(embedText(text, dimensions), request.encoding_format);
        // A serialization of all embeddings together would block the event loop.
        data.push(JSON.stringify({ object: 'embedding', index, embedding }));
      }
      const usage = usageOf(texts);
      const { prompt_tokens, total_tokens } = usage;
      await nextTurn();
      const end = JSON.stringify({ model: EMBEDDER_MODEL.id, usage: { prompt_tokens, total_tokens } });
      return { body: `{"object":"list","data":[${data.join(',')}],${end.slice(1)}`, usage };
    },
  };
}

function readRequest({ input, ...request }: ProviderEmbeddingRequest) {
  const dimensions = request.dimensions ?? EMBEDDER_LIMITS.dimensionsDefault;
  const { dimensionsMin, dimensionsMax, textCharactersMax } = EMBEDDER_LIMITS;
  const texts = [input].flat().filter((each): each is string => typeof each === 'string');
  if (texts.length === 0) throw invalidField('input', `${EMBEDDER_MODEL.id} accepts texts, not token ids`);
  if (texts.some(({ length }) => length > textCharactersMax)) {
    throw invalidField('input', `${EMBEDDER_MODEL.id} accepts texts of up to ${textCharactersMax} characters`);
  }
  if (dimensions < dimensionsMin || dimensions > dimensionsMax) {
    throw invalidField('dimensions', `${EMBEDDER_MODEL.id} accepts ${dimensionsMin} to ${dimensionsMax} dimensions`);
  }
  return { texts, dimensions };
}

function usageOf(texts: readonly string[]): Usage {
  const prompt_tokens = texts.reduce((sum, { length }) => sum + Math.ceil(length / CHARACTERS_PER_TOKEN), 0);
  return { prompt_tokens, completion_tokens: 0, total_tokens: prompt_tokens };
}

function invalidField(path: string, message: string): AppError {
  return new AppError('VALIDATION_ERROR', undefined, { details: [{ path, message }] });
}
