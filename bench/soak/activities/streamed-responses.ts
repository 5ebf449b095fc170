import { echoOf } from '@prodigon/testing';
import { textOf } from '../../provider/responses.ts';
import { readFrames, type StreamFormat } from '../read-frames.ts';
import { brokenOff, checkRejection, checkText, classifyError, type Verdict, wrong } from '../verdict.ts';
import { type Activity, type ActivityContext, chatOf, post } from './activity.ts';

/** Few: each makes a model of its own, of which the platform keeps statistics. */
const TOKENS = [10, 25, 60, 150];

/** A model, and what it will say. */
function pickModel({ random, prompt }: ActivityContext): { model: string; expected: string } {
  if (random.oneIn(3)) return { model: 'slow_100', expected: echoOf(prompt) };
  const tokens = random.pick(TOKENS);
  return { model: `${random.pick(['paced-50', 'paced-50', 'burst'])}-${tokens}`, expected: textOf(tokens) };
}

const PATHS = { openai: '/v1/chat/completions', tokens: '/api/v1/generate/stream' };

export function openStream(
  face: StreamFormat,
  model: string,
  { url, prompt }: ActivityContext,
  signal?: AbortSignal,
): Promise<Response> {
  const body = face === 'openai' ? chatOf(model, prompt, true) : { model, prompt };
  return post(`${url}${PATHS[face]}`, body, signal ? { signal } : {});
}

async function readStream(face: StreamFormat, context: ActivityContext): Promise<Verdict> {
  const { model, expected } = pickModel(context);
  const answer = await openStream(face, model, context);
  if (answer.status !== 200) return checkRejection(answer);
  return checkStream(face, answer, expected);
}

export async function checkStream(face: StreamFormat, answer: Response, expected: string): Promise<Verdict> {
  const { text, end, error } = readFrames(face, await answer.text());
  if (end === 'error') return expected.startsWith(text) ? brokenOff(error) : wrong(`before its error it said "${text}"`);
  if (end === 'nothing') return wrong(`a stream ended after ${text.length} characters with neither [DONE] nor an error`);
  return checkText(text, expected);
}

export const streamCompletion: Activity = (context) => readStream('openai', context);

/** The default profile of `/api/v1`. */
export const streamTokens: Activity = (context) => readStream('tokens', context);

/** The typed events of `/api/v1`. */
export const streamEvents: Activity = async (context) => {
  const { client, prompt } = context;
  const { model, expected } = pickModel(context);
  let text = '';
  try {
    for await (const { event, data } of client.stream({ prompt, model })) {
      if (event === 'token') text += data;
      if (event === 'error')
        return expected.startsWith(text) ? brokenOff(data.code) : wrong(`before its error it said "${text}"`);
      if (event === 'done') return data.finish_reason === 'stop' ? checkText(text, expected) : wrong(data.finish_reason);
    }
    return wrong(`a stream ended after ${text.length} characters with neither done nor an error`);
  } catch (error) {
    return classifyError(error);
  }
};
