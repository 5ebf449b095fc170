import { ERROR_CODES, errorBodySchema, openAiErrorSchema } from '@prodigon/contracts';
import { z } from 'zod';
import type { EndpointKind } from './operations.test-support.ts';
import type { RawConversation, RawResponse } from './raw-connection.test-support.ts';

export interface Expectations {
  /** How many complete responses must arrive. */
  answersMin: number;
  endpoint: EndpointKind;
  /** Whether the request certainly reached this route. */
  hasPath: boolean;
  isHead: boolean;
  /** No response may contain these. */
  secrets: readonly string[];
}

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;
/** The services answer an HTTP/2 preface in HTTP/2. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is a binary protocol.
const HTTP2_SETTINGS = /^\0\0.\x04\0/s;
const INTERNALS = [
  /\bat (?:async )?\S+ \((?:file|node|\/)/,
  /node:internal/,
  /node_modules/,
  /\bFST_ERR/,
  /\bE(?:CONN|NOENT|ISDIR|NAMETOOLONG|INVAL)/,
  /\bERR_[A-Z_]{4,}/,
  /invalid (?:byte sequence|input syntax)/,
  /Maximum call stack/,
  /Cannot read propert/,
];
/** Errors within a stream, which has no status. */
const FAILURES_IN_STREAMS = [
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

/** Lists everything in the responses that no bad request may cause. */
export function problemsOf({ answers, rest, hasHung }: RawConversation, expected: Expectations): string[] {
  const whole = answers.filter(({ isWhole }) => isWhole);
  return [
    ...(hasHung ? ['it hung'] : []),
    ...(rest === '' || HTTP2_SETTINGS.test(rest) ? [] : [`bytes that are not HTTP: ${JSON.stringify(rest.slice(0, 200))}`]),
    ...(whole.length < expected.answersMin ? [`${whole.length} answers instead of ${expected.answersMin}`] : []),
    ...answers.flatMap((answer) => problemsOfOne(answer, expected).map((problem) => `${answer.status}: ${problem}`)),
  ];
}

function problemsOfOne(answer: RawResponse, { endpoint, hasPath, isHead, secrets }: Expectations): string[] {
  const { status, headers, body, isWhole } = answer;
  const problems: string[] = [];
  const requestId = headers['x-request-id'];
  if (status >= 500) problems.push(`a server failure: ${body.slice(0, 300)}`);
  if (!REQUEST_ID.test(requestId ?? '')) problems.push(`the request id ${requestId}`);
  const all = JSON.stringify(headers) + body;
  for (const secret of secrets) if (all.includes(secret)) problems.push(`reveals ${secret}`);
  if (status < 400) {
    if (/^text\/event-stream/.test(headers['content-type'] ?? '')) {
      for (const failure of FAILURES_IN_STREAMS) if (body.includes(failure)) problems.push(`a failure in the stream: ${failure}`);
    }
    return problems;
  }
  for (const internal of INTERNALS) if (internal.test(body)) problems.push(`reveals ${internal}`);
  if (isHead || !isWhole) return problems;
  const type = headers['content-type'] ?? '';
  if (endpoint === 'web' && status === 404 && /^text\/html\b/.test(type)) return problems;
  if (!/^application\/json\b/.test(type)) problems.push(`an error as ${type}`);
  const forms = hasPath ? [SCHEMAS[endpoint === 'openai' ? 'openai' : 'platform']] : Object.values(SCHEMAS);
  const error = parsed(body);
  if (!forms.some((form) => form.safeParse(error).success)) problems.push(`an error of another form: ${body.slice(0, 300)}`);
  const bodyRequestId = (error as { error?: { request_id?: string } } | undefined)?.error?.request_id;
  if (bodyRequestId !== undefined && bodyRequestId !== requestId)
    problems.push(`the request ids ${requestId} and ${bodyRequestId}`);
  return problems;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
