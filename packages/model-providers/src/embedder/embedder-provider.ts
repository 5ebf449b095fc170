import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError, CHARACTERS_PER_TOKEN, type EmbeddingResponse, encodeEmbedding, type Usage } from '@prodigon/contracts';
import { abortReason, type ModelProvider, type ProviderEmbeddingRequest } from '@prodigon/ports';
import { embedText } from './embed-text.ts';
import { EMBEDDER_LIMITS, EMBEDDER_MODEL } from './embedder-model.ts';

/** Embeddings without any vendor. Refuses tokens, which it has no vocabulary for. */
export function createEmbedderProvider(): ModelProvider {
  return {
    name: 'offline',
    offline: true,
    models: async () => [EMBEDDER_MODEL],
    complete: async () => {
      throw answersNothing();
    },
    // biome-ignore lint/correctness/useYield: it has nothing to say.
    async *stream() {
      throw answersNothing();
    },
    async embed(request, { signal }) {
      const { texts, dimensions } = readRequest(request);
      const data: EmbeddingResponse['data'] = [];
      for (const [index, text] of texts.entries()) {
        // Others get their turn between two texts.
        await nextTurn();
        if (signal.aborted) throw abortReason(signal);
        const embedding = encodeEmbedding(embedText(text, dimensions), request.encoding_format);
        data.push({ object: 'embedding', index, embedding });
      }
      const usage = usageOf(texts);
      const { prompt_tokens, total_tokens } = usage;
      const body: EmbeddingResponse = {
        object: 'list',
        data,
        model: EMBEDDER_MODEL.id,
        usage: { prompt_tokens, total_tokens },
      };
      return { body: JSON.stringify(body), usage };
    },
  };
}

function readRequest({ input, dimensions = EMBEDDER_LIMITS.dimensionsDefault }: ProviderEmbeddingRequest) {
  const { dimensionsMin, dimensionsMax, textCharactersMax } = EMBEDDER_LIMITS;
  const texts = [input].flat().filter((each): each is string => typeof each === 'string');
  if (texts.length === 0) throw invalid('input', `${EMBEDDER_MODEL.id} takes texts, not tokens`);
  if (texts.some(({ length }) => length > textCharactersMax)) {
    throw invalid('input', `${EMBEDDER_MODEL.id} takes texts of up to ${textCharactersMax} characters`);
  }
  if (dimensions < dimensionsMin || dimensions > dimensionsMax) {
    throw invalid('dimensions', `${EMBEDDER_MODEL.id} has from ${dimensionsMin} to ${dimensionsMax} dimensions`);
  }
  return { texts, dimensions };
}

function usageOf(texts: readonly string[]): Usage {
  const prompt_tokens = texts.reduce((sum, { length }) => sum + Math.ceil(length / CHARACTERS_PER_TOKEN), 0);
  return { prompt_tokens, completion_tokens: 0, total_tokens: prompt_tokens };
}

function invalid(path: string, message: string): AppError {
  return new AppError('VALIDATION_ERROR', undefined, { details: [{ path, message }] });
}

function answersNothing(): AppError {
  return new AppError('BAD_REQUEST', `${EMBEDDER_MODEL.id} makes embeddings and answers no questions.`);
}
