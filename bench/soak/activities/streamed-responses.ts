import { echoOf } from '@prodigon/testing';
import { textOf } from '../../provider/responses.ts';
import { readFrames, type StreamFormat } from '../read-frames.ts';
import { brokenOff, checkRejection, checkText, classifyError, type Verdict, wrong } from '../verdict.ts';
import { type Activity, type ActivityContext, chatOf, post } from './activity.ts';

/** Few values, because each one names a separate model, for which the platform keeps statistics. */
const TOKENS = [10, 25, 60, 150];

/** Picks a model and returns its expected text. */
function pickModel({ random, prompt }: ActivityContext): { model: string; expected: string } {
  if (random.oneIn(3)) return { model: 'slow_100', expected: echoOf(prompt) };
  const tokens = random.pick(TOKENS);
  return { model: `${random.pick(['paced-50', 'paced-50', 'burst'])}-${tokens}`, expected: textOf(tokens) };
}

const PATHS = { openai: '/v1/chat/completions', tokens: '/api/v1/generate/stream' };

export function openStream(
  format: StreamFormat,
  model: string,
  { url, prompt }: ActivityContext,
  signal?: AbortSignal,
): Promise<Response> {
  const body = format === 'openai' ? chatOf(model, prompt, true) : { model, prompt };
  return post(`${url}${PATHS[format]}`, body, signal ? { signal } : {});
}

async function readStream(format: StreamFormat, context: ActivityContext): Promise<Verdict> {
  const { model, expected } = pickModel(context);
  const response = await openStream(format, model, context);
  if (response.status !== 200) return checkRejection(response);
  return checkStream(format, response, expected);
}

export async function checkStream(format: StreamFormat, response: Response, expected: string): Promise<Verdict> {
  const { text, end, error } = readFrames(format, await response.text());
  if (end === 'error') return expected.startsWith(text) ? brokenOff(error) : wrong(`the text before the error is "${text}"`);
  if (end === 'nothing') return wrong(`a stream ended after ${text.length} characters with neither [DONE] nor an error`);
  return checkText(text, expected);
}

export const streamCompletion: Activity = (context) => readStream('openai', context);

/** Reads the default stream format of `/api/v1`. */
export const streamTokens: Activity = (context) => readStream('tokens', context);

/** Reads the typed events of `/api/v1`. */
export const streamEvents: Activity = async (context) => {
  const { client, prompt } = context;
  const { model, expected } = pickModel(context);
  let text = '';
  try {
    for await (const { event, data } of client.stream({ prompt, model })) {
      if (event === 'token') text += data;
      if (event === 'error')
        return expected.startsWith(text) ? brokenOff(data.code) : wrong(`the text before the error is "${text}"`);
      if (event === 'done') return data.finish_reason === 'stop' ? checkText(text, expected) : wrong(data.finish_reason);
    }
    return wrong(`a stream ended after ${text.length} characters with neither done nor an error`);
  } catch (error) {
    return classifyError(error);
  }
};
