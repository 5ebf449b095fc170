import type { ProviderModel } from '@prodigon/ports';

export const EMBEDDER_LIMITS = {
  dimensionsMin: 8,
  dimensionsDefault: 256,
  dimensionsMax: 1_024,
  /** Of one text. Hashing holds the event loop: for tens of milliseconds at this length. */
  textCharactersMax: 32_768,
} as const;

/** As it is listed: what it is comes with its name, so that nobody takes it for a language model. */
export const EMBEDDER_MODEL = {
  id: 'prodigon-embed',
  kind: 'embedding',
  description: 'Embeddings for tests and first tries: hashes words and letter groups; no AI',
} as const satisfies ProviderModel;
