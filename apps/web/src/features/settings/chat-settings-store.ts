import { cachedModels } from '../../api/models-query.ts';
import { createChatSettingsStore, requestFields } from './chat-settings.ts';

/** The chat settings of this browser, shared by its tabs. */
export const useChatSettings = createChatSettingsStore(localStorage);

addEventListener('storage', () => useChatSettings.getState().reload());

/** The current settings as request fields for a model, or for the default model if null. */
export function requestSettings(model: string | null): ReturnType<typeof requestFields> {
  return requestFields(useChatSettings.getState().settings, model, cachedModels());
}
