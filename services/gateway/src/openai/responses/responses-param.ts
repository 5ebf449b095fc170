/** Maps fields of chat completions, which models and providers name in errors, to fields of the Responses API. */
const RESPONSES_FIELDS: Readonly<Record<string, string>> = {
  messages: 'input',
  max_tokens: 'max_output_tokens',
  max_completion_tokens: 'max_output_tokens',
  verbosity: 'text.verbosity',
  reasoning_effort: 'reasoning.effort',
  logprobs: 'include',
  // The tools of both requests differ in their form and, without the ignored ones, in their order.
  tools: 'tools',
  tool_choice: 'tool_choice',
};

/** Returns the field of a Responses request that became this field of its chat completion request. */
export function toResponsesParam(chatField: string): string {
  const format = /^response_format(?:\.json_schema)?(?<rest>(?:[.[].*)?)$/.exec(chatField);
  if (format) return `text.format${format.groups?.rest ?? ''}`;
  const [field = ''] = chatField.split(/[.[]/, 1);
  return Object.hasOwn(RESPONSES_FIELDS, field) ? (RESPONSES_FIELDS[field] ?? chatField) : chatField;
}
