import { readFrames } from '../read-frames.ts';
import { checkRejection, RIGHT, wrong } from '../verdict.ts';
import { type Activity, chatOf, post } from './activity.ts';
import { openStream } from './streamed-responses.ts';

const PASSING = [429, 502, 503, 504];
const BROKEN_STREAMS = ['cut_mid_stream', 'error_frame', 'stall'];
const REFUSED = { status_400: 400, status_422: 422 };

/** A stream that its model breaks off, or a request that its model refuses: each has to be told. */
export const askFailingModel: Activity = async (context) => {
  const { random, url, prompt } = context;
  if (random.oneIn(2)) {
    const face = random.pick(['openai', 'tokens'] as const);
    const answer = await openStream(face, random.pick(BROKEN_STREAMS), context);
    if (answer.status !== 200) return checkRejection(answer);
    const { end, text } = readFrames(face, await answer.text());
    return end === 'error' ? RIGHT : wrong(`a stream that breaks off after "${text}" ended with ${end}`);
  }
  const model = random.pick(['status_400', 'status_422'] as const);
  const answer = await post(`${url}/v1/chat/completions`, chatOf(model, prompt, false));
  const verdict = await checkRejection(answer, [REFUSED[model], ...PASSING]);
  return verdict.kind === 'refused' && answer.status === REFUSED[model] ? RIGHT : verdict;
};
