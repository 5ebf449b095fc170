import { createHttpClient, createWorkshopApi } from '@prodigon/api-client/workshop';
import { clientOptions } from './api.ts';

/** The client for the workshop's API. Only the pages of the workshop import its schemas. */
export const workshopApi = createWorkshopApi(createHttpClient(clientOptions));
