import { RECORDED_RESPONSES, type RecordedResponse, recordedBytes } from '../recorded-replies/index.ts';
import { ELSEWHERE } from './error-responses.ts';
import type { FaultRequest } from './fault.ts';
import { FAULTS } from './faults.ts';
import { refusal, sendReply } from './openai-response.ts';
import { PACED_MODELS, pacedModel } from './paced-models.ts';

const RECORDED = new Map(RECORDED_RESPONSES.map((reply) => [`recorded_${reply.name}`, reply]));

/** Every model, an example of those whose id carries a number, and what it does. */
export const MODELS: readonly { id: string; description: string }[] = [
  ...Object.entries(FAULTS).map(([id, { description }]) => ({ id, description })),
  ...Object.values(PACED_MODELS).map(({ example, description }) => ({ id: example, description })),
  ...[...RECORDED].map(([id, { source }]) => ({ id, description: `Always the same reply, as ${source} has it` })),
];

/** Answers as the model `id` does; whom nobody knows is refused with 404. */
export function answerAs(id: string, request: FaultRequest): void {
  const recorded = RECORDED.get(id);
  if (request.path.startsWith(ELSEWHERE)) sendReply(request);
  else if (recorded) replay(recorded, request);
  else (FAULTS[id]?.answer ?? pacedModel(id) ?? refusal(404, { code: 'model_not_found' }))(request);
}

/** Sends a recorded reply, whether a stream was asked for or not. */
export function replay(reply: RecordedResponse, { response }: Pick<FaultRequest, 'response'>): void {
  response.writeHead(reply.status, { 'content-type': reply.mediaType, ...reply.headers }).end(recordedBytes(reply));
}
