import type { ApiClient } from '@prodigon/api-client';
import { classifyError, RIGHT } from '../verdict.ts';
import type { Activity } from './activity.ts';

/** What a page or a monitor asks; the client checks each answer against its schema. */
const LOOK_UPS: readonly ((client: ApiClient) => Promise<unknown>)[] = [
  (client) => client.usage(),
  (client) => client.models(),
  (client) => client.overview(),
  (client) => client.health(),
  (client) => client.contentTree(),
  (client) => client.jobs.list({ limit: 50 }),
];

export const lookUp: Activity = async ({ client, random }) => {
  try {
    await random.pick(LOOK_UPS)(client);
    return RIGHT;
  } catch (error) {
    return classifyError(error);
  }
};
