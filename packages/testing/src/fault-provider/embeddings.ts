import { createHash } from 'node:crypto';

const DIMENSIONS = 8;

/**
 * Returns the body of `/v1/embeddings`: a vector of eight numbers for each input, which depends only on the input.
 * The model `float_only` sends arrays even to clients that request base64, as several servers do.
 */
export function embeddingsOf({ input, model, encoding_format }: Record<string, unknown>): object {
  const inputs = inputsOf(input);
  const isBase64 = encoding_format === 'base64' && model !== 'float_only';
  const data = inputs.map((text, index) => {
    const vector = vectorOf(text);
    return { object: 'embedding', index, embedding: isBase64 ? Buffer.from(vector.buffer).toString('base64') : [...vector] };
  });
  const tokens = inputs.length * 2;
  return { object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } };
}

/** Returns the inputs as texts. An input is one text, several texts, one list of tokens, or several lists. */
export function inputsOf(input: unknown): string[] {
  if (!Array.isArray(input)) return [String(input)];
  return typeof input[0] === 'number'
    ? [input.join(' ')]
    : input.map((item) => (Array.isArray(item) ? item.join(' ') : String(item)));
}

function vectorOf(text: string): Float32Array {
  const bytes = createHash('sha256').update(text).digest();
  return Float32Array.from({ length: DIMENSIONS }, (_, index) => bytes.readInt16LE(index * 2) / 32_768);
}
