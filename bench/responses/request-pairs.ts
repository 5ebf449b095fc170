/** The same content as a chat completion request and as a request of the Responses API. */
export interface RequestPair {
  readonly name: string;
  readonly chat: string;
  readonly response: string;
}

const MODEL = 'burst-200';
const SYSTEM = 'You answer questions about web services in one short paragraph, in plain words.';
const QUESTION = 'What does a gateway do for the services behind it, and what does it cost? ';

interface Message {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}
interface Tool {
  readonly name: string;
  readonly description: string;
  readonly parameters: object;
}

const conversation = Array.from(
  { length: 10 },
  (_, index): Message => ({ role: index % 2 === 0 ? 'user' : 'assistant', content: QUESTION.repeat(4) }),
).slice(1);

const tools = Array.from(
  { length: 10 },
  (_, index): Tool => ({
    name: `read_metric_${index}`,
    description: 'Returns the values of a metric of one service in a period, oldest first.',
    parameters: {
      type: 'object',
      properties: {
        service: { type: 'string', description: 'The name of the service' },
        metric: { type: 'string', enum: ['requests', 'errors', 'latency_ms'] },
        minutes: { type: 'integer', minimum: 1, description: 'The length of the period' },
        labels: { type: 'array', items: { type: 'string' } },
      },
      required: ['service', 'metric'],
      additionalProperties: false,
    },
  }),
);

export const REQUEST_PAIRS: readonly RequestPair[] = [
  pairOf('short prompt', []),
  pairOf('ten messages', conversation),
  pairOf('ten tools', [], tools),
];

function pairOf(name: string, earlier: readonly Message[], declared: readonly Tool[] = []): RequestPair {
  const question: Message = { role: 'user', content: QUESTION };
  const hasTools = declared.length > 0;
  return {
    name,
    chat: JSON.stringify({
      model: MODEL,
      messages: [{ role: 'system', content: SYSTEM }, ...earlier, question],
      ...(hasTools && { tools: declared.map((each) => ({ type: 'function', function: each })) }),
    }),
    response: JSON.stringify({
      model: MODEL,
      instructions: SYSTEM,
      input: earlier.length === 0 ? QUESTION : [...earlier, question].map(toItem),
      ...(hasTools && { tools: declared.map((each) => ({ type: 'function', ...each })) }),
    }),
  };
}

/** Returns a message as OpenAI's clients send it. */
function toItem({ role, content }: Message): object {
  return { role, content: [{ type: role === 'user' ? 'input_text' : 'output_text', text: content }] };
}
