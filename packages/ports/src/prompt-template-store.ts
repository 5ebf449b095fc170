import type { CreateTemplate, PromptTemplate, UpdateTemplate } from '@prodigon/contracts/conversations';

/** Stores prompt templates of owners. Throws `NOT_FOUND` for a template of another owner. */
export interface PromptTemplateStore {
  /** Throws `CONFLICT` at the maximum of templates. */
  create(ownerId: string, template: CreateTemplate): Promise<PromptTemplate>;
  /** Returns the templates by name. */
  list(ownerId: string): Promise<PromptTemplate[]>;
  update(ownerId: string, templateId: string, changes: UpdateTemplate): Promise<PromptTemplate>;
  remove(ownerId: string, templateId: string): Promise<void>;
}
