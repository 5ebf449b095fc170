/** Where OpenAI's API is found: as its own clients call it, and as groq-sdk does. */
export const OPENAI_PREFIXES = ['/v1', '/openai/v1'] as const;

/** Pictures travel inside the messages. */
export const OPENAI_BODY_BYTES_MAX = 16 << 20;
