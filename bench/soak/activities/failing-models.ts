import { readFrames } from '../read-frames.ts';
import { checkRejection, RIGHT, wrong } from '../verdict.ts';
import { type Activity, chatOf, post } from './activity.ts';
import { openStream } from './streamed-responses.ts';

const TRANSIENT_STATUSES = [429, 502, 503, 504];
const BROKEN_STREAMS = ['cut_mid_stream', 'error_frame', 'stall'];
const REJECTED = { status_400: 400, status_422: 422 };

/** Calls a model that breaks off its stream or rejects the request. The platform must report either failure. */
export const callFailingModel: Activity = async (context) => {
  const { random, url, prompt } = context;
  if (random.oneIn(2)) {
    const format = random.pick(['openai', 'tokens'] as const);
    const response = await openStream(format, random.pick(BROKEN_STREAMS), context);
    if (response.status !== 200) return checkRejection(response);
    const { end, text } = readFrames(format, await response.text());
    return end === 'error' ? RIGHT : wrong(`a stream that broke off after "${text}" ended with ${end}`);
  }
  const model = random.pick(['status_400', 'status_422'] as const);
  const response = await post(`${url}/v1/chat/completions`, chatOf(model, prompt, false));
  const verdict = await checkRejection(response, [REJECTED[model], ...TRANSIENT_STATUSES]);
  return verdict.kind === 'refused' && response.status === REJECTED[model] ? RIGHT : verdict;
};
