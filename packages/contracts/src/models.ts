import { z } from 'zod';
import { AppError } from './errors.ts';

export const modelSchema = z.object({
  id: z.string(),
  provider: z.string(),
  offline: z.boolean().describe('True for the models that run inside the platform, without any vendor'),
  description: z.string().optional(),
});
export type Model = z.infer<typeof modelSchema>;

/** The answer of GET `/api/v1/models`. */
export const modelListSchema = z
  .object({
    default_model: z.string().nullable().describe('Used when a request names no model; null while no provider can say'),
    models: z.array(modelSchema),
    accepts_other_ids: z.boolean().describe('True when ids that are not listed are passed on to a provider'),
    problems: z
      .array(z.object({ provider: z.string(), message: z.string() }))
      .describe('Providers that could not list their models just now'),
  })
  .meta({ id: 'ModelList' });
export type ModelList = z.infer<typeof modelListSchema>;

/** `prodigon-sim?tokens=5` → `prodigon-sim`: what listings, labels and echoes carry. */
export function bareModelId(model: string): string {
  return model.split('?', 1)[0] ?? model;
}

export function unknownModel(model: string): AppError {
  const shown = JSON.stringify(bareModelId(model).slice(0, 80));
  return new AppError('UNKNOWN_MODEL', `No provider offers the model ${shown}. GET /api/v1/models lists those there are.`);
}

/** No model was named, and the default provider cannot say which one it has. */
export function noDefaultModel(): AppError {
  const message = 'The model provider cannot be asked for its models. Name one in the request, or set DEFAULT_MODEL.';
  return new AppError('SERVICE_UNAVAILABLE', message, { retryAfterSeconds: 5 });
}
