/** The groups of operations, in the order of the API reference. */
export const TAGS = [
  { name: 'generation', description: 'One prompt, one response, complete or streamed.' },
  { name: 'jobs', description: 'Batches of prompts that run in the background and survive restarts.' },
  { name: 'models', description: 'The models of all providers, with prices, limits and health.' },
  { name: 'usage', description: 'What your requests used and cost.' },
  { name: 'openai', description: "OpenAI's API. OpenAI clients work with Prodigon after a change of their base URL." },
  { name: 'content', description: 'The documentation pages of the platform.' },
  { name: 'system', description: 'The state of all services.' },
  { name: 'operations', description: 'Health, readiness and metrics, for probes and monitoring.' },
];

export const API_DESCRIPTION = [
  'The public API of a Prodigon gateway. Field names use snake_case. Times are ISO 8601 in UTC.',
  'No key is needed unless `API_KEYS` is set. Then send `Authorization: Bearer <key>`.',
  'Errors have a code, a message and the id of the request. Errors below `/v1` have the format of OpenAI.',
  'Streams are server-sent events. The schema of a stream is text, and its `contentSchema` describes the events.',
  'The operations below `/v1` are also available below `/openai/v1`, the path that groq-sdk uses.',
].join('\n\n');
