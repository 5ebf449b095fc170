import { z } from 'zod';

interface HeaderDescription {
  readonly description: string;
  readonly schema: object;
  readonly required?: true;
}

const text = { type: 'string' };
const count = { type: 'integer', minimum: 0 };

const describeRateLimits = (prefix: string, limit: (unit: string) => string, whole: string) =>
  Object.fromEntries<HeaderDescription>(
    ['Requests', 'Tokens'].flatMap((unit) => [
      [`${prefix}-Limit-${unit}`, { description: limit(unit.toLowerCase()), schema: count }],
      [`${prefix}-Remaining-${unit}`, { description: `What remains of ${whole}`, schema: count }],
      [
        `${prefix}-Reset-${unit}`,
        { description: `Time until ${whole} remains in full, e.g. \`1m0s\` or \`1.5s\``, schema: text },
      ],
    ]),
  );
/** Limits of the caller. */
const rateLimitHeaders = describeRateLimits(
  'X-RateLimit',
  (unit) => `The caller's limit of ${unit} per minute; absent without a limit`,
  "the caller's limit",
);
/** The limit of concurrent streams that rejected a request. */
const streamLimitHeaders = {
  'X-RateLimit-Limit-Streams': {
    description: "The caller's limit of concurrent streams, if it rejected the request",
    schema: count,
  },
  'X-RateLimit-Remaining-Streams': { description: '0 if the limit of concurrent streams rejected the request', schema: count },
};
const upstreamHeaders = describeRateLimits(
  'X-Prodigon-Upstream-RateLimit',
  (unit) => `The provider's limit of ${unit}, if reported`,
  "the provider's limit",
);

/** Response headers by name. Routes and errors refer to them. */
export const RESPONSE_HEADERS = {
  'X-Request-ID': {
    description: 'Id of the request in logs and errors. It is the id that the request sent, or a new one.',
    schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,128}$' },
    required: true,
  },
  'X-Process-Time': { description: 'Time until the headers were sent, e.g. `12.34ms`', schema: text },
  Location: { description: 'Path of the new resource', schema: { type: 'string', format: 'uri-reference' } },
  'Idempotent-Replayed': {
    description: '`true` if this is the response of an earlier request with this `Idempotency-Key`',
    schema: { type: 'string', enum: ['true'] },
  },
  Link: { description: 'URL of the next page, with `rel="next"`; absent on the last page', schema: text },
  'Content-Disposition': { description: 'The suggested name of the file', schema: text },
  'Accept-Ranges': { description: '`bytes` if the client can continue the download, otherwise `none`', schema: text },
  ETag: { description: 'Version of the results; absent while the job runs', schema: text },
  'Content-Range': { description: 'Position of the bytes, e.g. `bytes 1000-1999/5000`', schema: text },
  'Retry-After': { description: 'Seconds to wait before a retry', schema: { type: 'integer', minimum: 1 } },
  'X-Should-Retry': {
    description: 'Whether the client should retry the request',
    schema: { type: 'string', enum: ['true', 'false'] },
  },
  'WWW-Authenticate': { description: 'How to authenticate', schema: text },
  'X-Prodigon-Provider': { description: 'The provider that responded', schema: text },
  'X-Prodigon-Model': { description: 'The model that responded, after aliases and fallbacks', schema: text },
  'X-Prodigon-Attempts': { description: 'Number of provider calls; 0 for a response from the cache', schema: count },
  'X-Prodigon-Cache': {
    description: 'Whether the response comes from the cache; absent without a cache',
    schema: { type: 'string', enum: ['hit', 'miss', 'bypass'] },
  },
  'X-Prodigon-Warning': { description: 'The requested model is retired or will be retired', schema: text },
  'X-Prodigon-Ignored-Tools': { description: 'Types of the hosted tools that Prodigon ignored', schema: text },
  'OpenAI-Processing-Ms': { description: 'Milliseconds from the arrival of the request to its headers', schema: count },
  ...(rateLimitHeaders as Record<`X-RateLimit-${string}`, HeaderDescription>),
  ...streamLimitHeaders,
  ...(upstreamHeaders as Record<`X-Prodigon-Upstream-${string}`, HeaderDescription>),
} satisfies Record<string, HeaderDescription>;

/** Headers that report the caller's limits. */
export const RATE_LIMIT_HEADERS = Object.keys(rateLimitHeaders);
export const STREAM_LIMIT_HEADERS = Object.keys(streamLimitHeaders);
export const REQUEST_LIMIT_HEADERS = RATE_LIMIT_HEADERS.filter((name) => name.endsWith('Requests'));

/** Headers of a response from a model. */
export const COMPLETION_HEADERS = [
  'X-Prodigon-Provider',
  'X-Prodigon-Model',
  'X-Prodigon-Attempts',
  'X-Prodigon-Cache',
  'X-Prodigon-Warning',
  'OpenAI-Processing-Ms',
  ...RATE_LIMIT_HEADERS,
  ...Object.keys(upstreamHeaders),
];

/** Returns references to headers, by name. */
export function headerReferences(names: readonly string[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/**
 * Returns the schema of one server-sent event as clients receive it, `{event, data, id}`, for the schemas of `data` by
 * event. `data` is parsed JSON.
 */
export function eventSchema(id: string, schemas: Readonly<Record<string, z.ZodType>>): z.ZodType {
  const events = Object.entries(schemas).map(([event, data]) =>
    z
      .object({ event: z.literal(event), data, id: z.string().optional().describe('The position to resume from') })
      .meta({ id: `${id}${event.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())}` }),
  );
  const [first, ...rest] = events;
  if (!first) throw new Error(`${id} has no events.`);
  return z.discriminatedUnion('event', [first, ...rest]).meta({ id });
}
