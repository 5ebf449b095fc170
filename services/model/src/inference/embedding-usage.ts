import { CHARACTERS_PER_TOKEN, type EmbeddingRequest, type Usage } from '@prodigon/contracts';

/** The usage of an embedding counted by length, or by number where the input is tokens. */
export function estimateEmbeddingUsage({ input }: EmbeddingRequest): Usage {
  const prompt_tokens = [input].flat(2).reduce<number>((sum, each) => sum + tokensOf(each), 0);
  return { prompt_tokens, completion_tokens: 0, total_tokens: prompt_tokens };
}

function tokensOf(each: string | number): number {
  return typeof each === 'number' ? 1 : Math.ceil(each.length / CHARACTERS_PER_TOKEN);
}
