import type { PromptTemplate } from '@prodigon/contracts/conversations';
import { queryOptions } from '@tanstack/react-query';
import { conversationsApi } from '../../../api/conversations-api.ts';
import { queryClient, queryFn } from '../../../api/query-client.ts';
import { showActionFailure } from '../state/action-failure.ts';

export const templatesQuery = queryOptions({
  queryKey: ['templates'],
  queryFn: queryFn((signal): Promise<PromptTemplate[]> => conversationsApi.templates.list(signal)),
});

/** Throws an `AppError`. */
export async function createTemplate(template: Parameters<typeof conversationsApi.templates.create>[0]): Promise<void> {
  await conversationsApi.templates.create(template);
  await queryClient.invalidateQueries(templatesQuery);
}

export async function removeTemplate(templateId: string): Promise<void> {
  try {
    await conversationsApi.templates.remove(templateId);
    await queryClient.invalidateQueries(templatesQuery);
  } catch (thrown) {
    showActionFailure('Could not delete the template', thrown);
  }
}
