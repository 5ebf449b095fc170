import type { ApiClient } from '@prodigon/api-client';
import { classifyError, RIGHT } from '../verdict.ts';
import type { Activity } from './activity.ts';

/** Requests of a web UI or a monitor. The client validates each response against its schema. */
const ENDPOINTS: readonly ((client: ApiClient) => Promise<unknown>)[] = [
  (client) => client.usage(),
  (client) => client.models(),
  (client) => client.overview(),
  (client) => client.health(),
  (client) => client.contentTree(),
  (client) => client.jobs.list({ limit: 50 }),
];

export const readEndpoint: Activity = async ({ client, random }) => {
  try {
    await random.pick(ENDPOINTS)(client);
    return RIGHT;
  } catch (error) {
    return classifyError(error);
  }
};
