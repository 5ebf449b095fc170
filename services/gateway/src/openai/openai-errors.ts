import { openAiErrorSchema } from '@prodigon/contracts';

/** What the routes of OpenAI's API answer besides their success, for the description of the API. */
export const OPENAI_ERRORS = { '4xx': openAiErrorSchema, '5xx': openAiErrorSchema };
