import { createHash } from 'node:crypto';
import { type ChatRequest, type EmbeddingRequest, messageText } from '@prodigon/contracts';

/** Characters at each end of a text that count. Requests are large, and only differing ones must differ. */
const SAMPLE_CHARACTERS = 4_096;

/**
 * Returns a fingerprint of the number of messages and the latest one. Equal requests have equal fingerprints; different
 * ones rarely do.
 */
export function fingerprintOfChat({ messages }: ChatRequest): string {
  const latest = messages.at(-1);
  return digest(messages.length, latest ? messageText(latest) : '');
}

/** Returns a fingerprint of the number of inputs and the first one. */
export function fingerprintOfEmbedding({ input }: EmbeddingRequest): string {
  if (typeof input === 'string') return digest(1, input);
  const [first] = input;
  return digest(input.length, Array.isArray(first) ? first.slice(0, SAMPLE_CHARACTERS).join(' ') : String(first));
}

function digest(count: number, text: string): string {
  const sample = text.length <= 2 * SAMPLE_CHARACTERS ? text : text.slice(0, SAMPLE_CHARACTERS) + text.slice(-SAMPLE_CHARACTERS);
  return createHash('sha256').update(`${count} ${text.length} ${sample}`).digest('base64');
}
