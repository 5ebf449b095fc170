import { z } from 'zod';

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
