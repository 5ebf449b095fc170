import { echoOf } from '@prodigon/testing';
import { COMPLETION_TOKENS, textOf } from '../../provider/responses.ts';
import { checkRejection, checkText, classifyError, wrong } from '../verdict.ts';
import { type Activity, chatOf, post } from './activity.ts';

interface Completion {
  readonly choices: readonly { readonly message: { readonly content: string }; readonly finish_reason: string }[];
  readonly usage: { readonly completion_tokens: number };
}

/** Requests a completion on `/v1`. One model echoes the prompt, which reveals a response for another request. */
export const requestCompletion: Activity = async ({ url, prompt, random }) => {
  const isEcho = random.oneIn(2);
  const model = isEcho ? random.pick(['slow_20', 'slow_100']) : 'burst-200';
  const response = await post(`${url}/v1/chat/completions`, chatOf(model, prompt, false));
  if (response.status !== 200) return checkRejection(response);
  const { choices, usage } = (await response.json()) as Completion;
  const [choice] = choices;
  if (choice?.finish_reason !== 'stop') return wrong(`finish_reason is ${choice?.finish_reason}`);
  const tokens = isEcho ? 1 : COMPLETION_TOKENS;
  if (usage.completion_tokens !== tokens) return wrong(`${usage.completion_tokens} tokens instead of ${tokens}`);
  return checkText(choice.message.content, isEcho ? echoOf(prompt) : textOf(COMPLETION_TOKENS));
};

/** Requests a generation on `/api/v1`. */
export const requestGeneration: Activity = async ({ client, prompt, random }) => {
  const model = random.pick(['slow_20', 'slow_100']);
  try {
    const { text } = await client.generate({ prompt, model });
    return checkText(text, echoOf(prompt));
  } catch (error) {
    return classifyError(error);
  }
};
