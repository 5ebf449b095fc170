import { ERROR_CODES, errorBodySchema, openAiErrorSchema } from '@prodigon/contracts';
import { z } from 'zod';
import type { EndpointKind } from './operations.test-support.ts';
import type { ConnectionResult, RawResponse } from './raw-connection.test-support.ts';

export interface Expectations {
  /** Minimum number of complete responses. */
  responsesMin: number;
  endpoint: EndpointKind;
  /** Whether the request has the path of the operation, which determines the error format. */
  hasPath: boolean;
  isHead: boolean;
  /** Texts that no response may contain. */
  secrets: readonly string[];
}

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;
/** A SETTINGS frame, with which services respond to an HTTP/2 preface. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: HTTP/2 is a binary protocol.
const HTTP2_SETTINGS = /^\0\0.\x04\0/s;
/** Internal details that no error may reveal. */
const INTERNAL_DETAILS = [
  /\bat (?:async )?\S+ \((?:file|node|\/)/,
  /node:internal/,
  /node_modules/,
  /\bFST_ERR/,
  /\bE(?:CONN|NOENT|ISDIR|NAMETOOLONG|INVAL)/,
  /\bERR_[A-Z_]{4,}/,
  /invalid (?:byte sequence|input syntax)/,
  /Maximum call stack/,
  /Cannot read propert/,
  // Sentences of the schema library, and its notation of paths.
  /Invalid (?:input|option|string|discriminator)\b|Too (?:big|small): |\bexpected \w+, received\b|Unrecognized key/,
  /\b(?:messages|input|tools|prompts|content)\.\d+\b/,
];
/** Server errors in a stream, whose status is 200. */
const STREAM_ERRORS = [
  ERROR_CODES.INTERNAL_ERROR.message,
  '"type":"server_error"',
  ...[
    'INTERNAL_ERROR',
    'INFERENCE_ERROR',
    'SERVICE_UNAVAILABLE',
    'PROVIDER_UNREACHABLE',
    'CIRCUIT_OPEN',
    'DEADLINE_EXCEEDED',
  ].map((code) => `"code":"${code}"`),
];

const SCHEMAS = {
  platform: z.strictObject(errorBodySchema.shape),
  openai: z.strictObject(openAiErrorSchema.shape),
};

/** Returns all problems of the responses to a malformed request, e.g. server errors and undocumented error formats. */
export function findProblems({ responses, rest, hasTimedOut }: ConnectionResult, expected: Expectations): string[] {
  const complete = responses.filter(({ isComplete }) => isComplete);
  return [
    ...(hasTimedOut ? ['the request timed out'] : []),
    ...(rest === '' || HTTP2_SETTINGS.test(rest) ? [] : [`bytes that are not HTTP: ${JSON.stringify(rest.slice(0, 200))}`]),
    ...(complete.length < expected.responsesMin ? [`${complete.length} responses instead of ${expected.responsesMin}`] : []),
    ...responses.flatMap((response) => problemsOf(response, expected).map((problem) => `${response.status}: ${problem}`)),
  ];
}

function problemsOf(response: RawResponse, { endpoint, hasPath, isHead, secrets }: Expectations): string[] {
  const { status, headers, body, isComplete } = response;
  const problems: string[] = [];
  const requestId = headers['x-request-id'];
  if (status >= 500) problems.push(`a server error: ${body.slice(0, 300)}`);
  if (!REQUEST_ID.test(requestId ?? '')) problems.push(`an invalid request id: ${requestId}`);
  const all = JSON.stringify(headers) + body;
  for (const secret of secrets) if (all.includes(secret)) problems.push(`reveals ${secret}`);
  if (status < 400) {
    if (/^text\/event-stream/.test(headers['content-type'] ?? '')) {
      for (const error of STREAM_ERRORS) if (body.includes(error)) problems.push(`a server error in the stream: ${error}`);
    }
    return problems;
  }
  for (const pattern of INTERNAL_DETAILS) if (pattern.test(body)) problems.push(`reveals ${pattern}`);
  if (isHead || !isComplete) return problems;
  const type = headers['content-type'] ?? '';
  if (endpoint === 'web' && status === 404 && /^text\/html\b/.test(type)) return problems;
  if (!/^application\/json\b/.test(type)) problems.push(`an error with the media type ${type}`);
  const schemas = hasPath ? [SCHEMAS[endpoint === 'openai' ? 'openai' : 'platform']] : Object.values(SCHEMAS);
  const error = parseJson(body);
  if (!schemas.some((schema) => schema.safeParse(error).success))
    problems.push(`an undocumented error format: ${body.slice(0, 300)}`);
  const bodyRequestId = (error as { error?: { request_id?: string } } | undefined)?.error?.request_id;
  if (bodyRequestId !== undefined && bodyRequestId !== requestId)
    problems.push(`different request ids: ${requestId} and ${bodyRequestId}`);
  return problems;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
