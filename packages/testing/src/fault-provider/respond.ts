import { RECORDED_RESPONSES } from '../recorded-responses/index.ts';
import { REDIRECT_PREFIX } from './error-responses.ts';
import type { FaultRequest } from './fault.ts';
import { FAULTS } from './faults.ts';
import { errorResponse, replay, sendCompletion } from './openai-response.ts';
import { PACED_MODELS, pacedModel } from './paced-models.ts';

const RECORDED = new Map(RECORDED_RESPONSES.map((recorded) => [`recorded_${recorded.name}`, recorded]));

/** All models with their descriptions. A model whose id contains numbers appears once, as an example. */
export const MODELS: readonly { id: string; description: string }[] = [
  ...Object.entries(FAULTS).map(([id, { description }]) => ({ id, description })),
  ...Object.values(PACED_MODELS).map(({ example, description }) => ({ id: example, description })),
  ...[...RECORDED].map(([id, { source }]) => ({ id, description: `Always sends the same response, as documented in ${source}` })),
];

/** Sends the response of a model. An unknown id returns 404. */
export function respondAs(id: string, request: FaultRequest): void {
  const recorded = RECORDED.get(id);
  if (request.path.startsWith(REDIRECT_PREFIX)) sendCompletion(request);
  else if (recorded) replay(recorded, request);
  else (FAULTS[id]?.respond ?? pacedModel(id) ?? errorResponse(404, { code: 'model_not_found' }))(request);
}
