/** Maps fields of chat completions, which models and providers name in errors, to fields of the Responses API. */
const RESPONSES_FIELDS: Readonly<Record<string, string>> = {
  messages: 'input',
  max_tokens: 'max_output_tokens',
  max_completion_tokens: 'max_output_tokens',
  response_format: 'text.format',
  verbosity: 'text.verbosity',
  reasoning_effort: 'reasoning.effort',
  logprobs: 'include',
};

/** Returns the field of a Responses request for a field of its chat completion. */
export function toResponsesParam(param: string): string {
  const [field = ''] = param.split(/[.[]/, 1);
  return RESPONSES_FIELDS[field] ?? param;
}
