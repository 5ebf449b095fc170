/** The fields of the Responses API for those of chat completions, which models and providers name in their errors. */
const RESPONSES_FIELDS: Readonly<Record<string, string>> = {
  messages: 'input',
  max_tokens: 'max_output_tokens',
  max_completion_tokens: 'max_output_tokens',
  response_format: 'text.format',
  verbosity: 'text.verbosity',
  reasoning_effort: 'reasoning.effort',
  logprobs: 'include',
};

/** Returns the field of a Responses request that a field of its chat completion stems from. */
export function toResponsesParam(param: string): string {
  const [field = ''] = param.split(/[.[]/, 1);
  return RESPONSES_FIELDS[field] ?? param;
}
