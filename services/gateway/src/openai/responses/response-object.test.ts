import { AppError, type ErrorCode, type Usage } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { completeResponse, createResponse, failResponse } from './response-object.ts';
import { responsesRequestSchema } from './responses-request.ts';

const USAGE: Usage = { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 };
const createdFrom = (body: Record<string, unknown> = {}) =>
  createResponse(responsesRequestSchema.parse({ input: 'Hi', ...body }), { id: 'resp_1', model: 'small', createdAtMs: 1_999 });

describe('a new response object', () => {
  it('repeats a format without its null description', () => {
    const format = { type: 'json_schema', name: 'n', schema: {}, strict: null };
    expect(createdFrom({ text: { format: { ...format, description: null } } }).text).toEqual({ format });
    expect(createdFrom({ text: { format: { ...format, description: 'x' } } }).text).toEqual({
      format: { ...format, description: 'x' },
    });
  });

  it('has no output, and the defaults of the Responses API', () => {
    expect(createdFrom()).toEqual({
      id: 'resp_1',
      object: 'response',
      created_at: 1,
      completed_at: null,
      status: 'in_progress',
      error: null,
      incomplete_details: null,
      model: 'small',
      output: [],
      instructions: null,
      max_output_tokens: null,
      metadata: {},
      parallel_tool_calls: true,
      max_tool_calls: null,
      top_logprobs: null,
      service_tier: null,
      safety_identifier: null,
      prompt_cache_key: null,
      prompt_cache_retention: null,
      conversation: null,
      prompt: null,
      reasoning: { effort: null, summary: null },
      temperature: null,
      top_p: null,
      text: { format: { type: 'text' } },
      tool_choice: 'auto',
      tools: [],
      truncation: 'disabled',
      background: false,
      store: false,
      previous_response_id: null,
      access_programs: null,
    });
  });

  it('repeats the parameters of its request', () => {
    const repeated = {
      instructions: 'Be brief.',
      max_output_tokens: 9,
      metadata: { a: 'b' },
      parallel_tool_calls: false,
      temperature: 0,
      top_p: 0,
      text: { format: { type: 'json_object' }, verbosity: 'low' },
      tool_choice: 'none',
      user: 'ada',
    };
    const tool = { type: 'function', name: 'look' };
    expect(createdFrom({ ...repeated, reasoning: { effort: 'high' }, tools: [tool] })).toMatchObject({
      ...repeated,
      reasoning: { effort: 'high', summary: null },
      tools: [{ ...tool, description: null, parameters: null, strict: null }],
    });
  });
});

describe('a finished response object', () => {
  it('has its usage, and its end in whole seconds', () => {
    const usage = {
      ...USAGE,
      prompt_tokens_details: { cached_tokens: 2 },
      completion_tokens_details: { reasoning_tokens: 4 },
    };
    expect(completeResponse(createdFrom(), [], { finish: 'stop', usage }, 2_999)).toMatchObject({
      status: 'completed',
      completed_at: 2,
      incomplete_details: null,
      usage: {
        input_tokens: 3,
        input_tokens_details: { cached_tokens: 2, cache_write_tokens: 0 },
        output_tokens: 5,
        output_tokens_details: { reasoning_tokens: 4 },
        total_tokens: 8,
      },
    });
  });

  it('reports 0 for token details that the provider does not report', () => {
    expect(completeResponse(createdFrom(), [], { finish: null, usage: USAGE }, 2_000)).toMatchObject({
      status: 'completed',
      usage: { input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } },
    });
  });

  it.each([
    ['RATE_LIMITED', 'rate_limit_exceeded'],
    ['CONTENT_FILTERED', 'invalid_prompt'],
    ['CANCELLED', 'invalid_prompt'],
    ['INTERNAL_ERROR', 'server_error'],
    ['INFERENCE_ERROR', 'server_error'],
  ] satisfies [ErrorCode, string][])('reports %s as %s', (code, reported) => {
    expect(failResponse(createdFrom(), [], new AppError(code, 'It broke.'))).toMatchObject({
      status: 'failed',
      error: { code: reported, message: 'It broke.' },
    });
  });
});
