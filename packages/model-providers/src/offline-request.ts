import { AppError, type ChatRequest, estimateUsage } from '@prodigon/contracts';
import type { ProviderRequest } from '@prodigon/ports';

/** The context of the offline chat models, in tokens of the estimate. */
export const OFFLINE_CONTEXT_TOKENS = 131_072;

/** The features of an offline chat model besides text. */
export interface OfflineFeatures {
  /** Whether it calls functions and writes JSON, returns several choices, and reports log probabilities. */
  readonly isProgrammable: boolean;
}

/**
 * Throws for a request that an offline chat model cannot serve: `CONTEXT_LENGTH_EXCEEDED` for a long one, `BAD_REQUEST` with
 * the field for anything that it would otherwise ignore. Fields that only influence the choice of words
 * have no effect: `temperature`, `top_p`, the penalties, `reasoning_effort`, `verbosity`, `prediction`.
 */
export function assertServable(request: ProviderRequest, id: string, { isProgrammable }: OfflineFeatures): void {
  const unsupported = isProgrammable ? findUnsupported(request) : (findProgrammed(request) ?? findUnsupported(request));
  if (unsupported) throw unsupportedError(unsupported.path, `${id} ${unsupported.reason}`);
  const { prompt_tokens } = estimateUsage(request, 0);
  if (prompt_tokens <= OFFLINE_CONTEXT_TOKENS) return;
  throw new AppError(
    'CONTEXT_LENGTH_EXCEEDED',
    `${id} has a context of ${OFFLINE_CONTEXT_TOKENS} tokens, but the request has about ${prompt_tokens}.`,
  );
}

/** Returns the error for a field that an offline model does not support. */
export function unsupportedError(path: string, message: string): AppError {
  return new AppError('BAD_REQUEST', message, { details: [{ path, message }] });
}

interface Unsupported {
  readonly path: string;
  readonly reason: string;
}

function findUnsupported(request: ChatRequest): Unsupported | undefined {
  const { messages, modalities, logit_bias, function_call, web_search_options } = request;
  if (messages.some(hasMedia)) return { path: 'messages', reason: 'reads text only, not images, audio or files.' };
  if (request.audio || modalities?.includes('audio')) return { path: 'modalities', reason: 'writes text only, not audio.' };
  if (logit_bias && Object.keys(logit_bias).length > 0) return { path: 'logit_bias', reason: 'has no vocabulary of token ids.' };
  if (typeof function_call === 'object' && function_call) {
    return { path: 'function_call', reason: 'does not support the deprecated function_call. Send tools and tool_choice.' };
  }
  if (web_search_options) return { path: 'web_search_options', reason: 'runs offline and cannot search the web.' };
  return undefined;
}

function findProgrammed({ response_format, n, logprobs, ...request }: ChatRequest): Unsupported | undefined {
  if (response_format && response_format.type !== 'text')
    return { path: 'response_format', reason: 'writes prose only, not JSON.' };
  if (forcedTools(request)) return { path: 'tool_choice', reason: 'calls no tools.' };
  if (typeof n === 'number' && n > 1) return { path: 'n', reason: 'returns one choice only.' };
  if (logprobs) return { path: 'logprobs', reason: 'has no log probabilities.' };
  return undefined;
}

function hasMedia({ content }: ChatRequest['messages'][number]): boolean {
  return Array.isArray(content) && content.some(({ type }) => type !== 'text' && type !== 'refusal');
}

/** Returns the names of the tools from which the response must call one, or undefined if the response may be text. */
export function forcedTools({ tools, tool_choice: choice }: Pick<ChatRequest, 'tools' | 'tool_choice'>): string[] | undefined {
  if (!tools || !choice || choice === 'auto' || choice === 'none') return undefined;
  if (typeof choice === 'string') return tools.map(({ function: called, custom }) => (called ?? custom)?.name ?? '');
  if (choice.allowed_tools) {
    if (choice.allowed_tools.mode !== 'required') return undefined;
    return choice.allowed_tools.tools.map(({ function: called, custom }) => (called ?? custom)?.name ?? '');
  }
  return [(choice.function ?? choice.custom)?.name ?? ''];
}

/** Returns the sequences that end a response. Half of a character is none, because no text contains it. */
export function stopSequences({ stop }: ChatRequest): readonly string[] {
  return [stop ?? []].flat().filter((sequence) => sequence !== '' && sequence.isWellFormed());
}

/** Returns the position of the first stop sequence in a text, or -1. */
export function findStop(text: string, stops: readonly string[]): number {
  const found = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return found.length === 0 ? -1 : Math.min(...found);
}
