import { createHash } from 'node:crypto';

const DIMENSIONS = 8;

/**
 * The answer of `/v1/embeddings`: a vector of eight numbers for each input, always the same one for the same input.
 * The model `float_only` sends arrays even to who asked for base64, as several servers do.
 */
export function embeddingsOf({ input, model, encoding_format }: Record<string, unknown>): object {
  const inputs = inputsOf(input);
  const isBase64 = encoding_format === 'base64' && model !== 'float_only';
  const data = inputs.map((each, index) => {
    const vector = vectorOf(each);
    return { object: 'embedding', index, embedding: isBase64 ? Buffer.from(vector.buffer).toString('base64') : [...vector] };
  });
  const tokens = inputs.length * 2;
  return { object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } };
}

/** One text, several, one text as tokens, or several of these. */
export function inputsOf(input: unknown): string[] {
  if (!Array.isArray(input)) return [String(input)];
  return typeof input[0] === 'number'
    ? [input.join(' ')]
    : input.map((each) => (Array.isArray(each) ? each.join(' ') : String(each)));
}

function vectorOf(text: string): Float32Array {
  const bytes = createHash('sha256').update(text).digest();
  return Float32Array.from({ length: DIMENSIONS }, (_none, index) => bytes.readInt16LE(index * 2) / 32_768);
}
