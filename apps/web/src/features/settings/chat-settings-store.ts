import { useModelsStore } from '../../api/models-store.ts';
import { requestFieldsOf } from './chat-settings.ts';
import { createChatSettingsStore } from './create-chat-settings-store.ts';

/** What this browser's reader has set for the chat. */
export const useChatSettings = createChatSettingsStore(localStorage);

addEventListener('storage', () => useChatSettings.getState().reload());

/** What goes with a question that is sent now. */
export function chatSettingsFor(model: string | null): ReturnType<typeof requestFieldsOf> {
  return requestFieldsOf(useChatSettings.getState().settings, model, useModelsStore.getState().list);
}
