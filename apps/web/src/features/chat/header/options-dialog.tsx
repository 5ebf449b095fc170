import { AppError, GENERATION_LIMITS } from '@prodigon/contracts';
import { CONVERSATION_LIMITS, type Conversation, updateConversationSchema } from '@prodigon/contracts/conversations';
import { useState } from 'react';
import { Button } from '../../../design/button.tsx';
import { Dialog, DialogTitle } from '../../../design/dialog.tsx';
import { Field } from '../../../design/form-controls.tsx';
import { TextArea } from '../../../design/text-area.tsx';
import { OptionalNumberField } from '../../models/optional-number-field.tsx';
import { updateConversation } from '../state/conversation-queries.ts';

interface OptionsDialogProps {
  conversation: Conversation;
  onClose: () => void;
}

const textOf = (value: number | null) => (value === null ? '' : String(value));
const numberOf = (text: string) => (text.trim() === '' ? null : Number(text));

/** The system prompt and the model options of one conversation. */
export default function OptionsDialog({ conversation, onClose }: OptionsDialogProps) {
  const [systemPrompt, setSystemPrompt] = useState(conversation.system_prompt ?? '');
  const [maxTokens, setMaxTokens] = useState(textOf(conversation.max_tokens));
  const [temperature, setTemperature] = useState(textOf(conversation.temperature));
  const [failure, setFailure] = useState<string | null>(null);
  const changes = {
    system_prompt: systemPrompt === '' ? null : systemPrompt,
    max_tokens: numberOf(maxTokens),
    temperature: numberOf(temperature),
  };
  const { shape } = updateConversationSchema;
  const errorOf = (name: keyof typeof changes) => shape[name].safeParse(changes[name]).error?.issues[0]?.message;
  const isValid = Object.keys(changes).every((name) => errorOf(name as keyof typeof changes) === undefined);
  const save = async () => {
    if (!isValid) return;
    try {
      await updateConversation(conversation.id, changes);
      onClose();
    } catch (thrown) {
      setFailure(AppError.from(thrown).message);
    }
  };
  return (
    <Dialog placement="form" onClose={onClose} keepsOpen>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <DialogTitle>System prompt and options</DialogTitle>
        <Field label="System prompt" hint="Optional. Sent before this conversation" error={errorOf('system_prompt')}>
          {(control) => (
            <TextArea
              {...control}
              rows={6}
              maxLength={CONVERSATION_LIMITS.systemPromptCharactersMax}
              value={systemPrompt}
              onChange={setSystemPrompt}
              className="field resize-y"
            />
          )}
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <OptionalNumberField
            label="Max tokens"
            hint="Optional"
            error={errorOf('max_tokens')}
            min={1}
            max={GENERATION_LIMITS.maxTokensMax}
            step={1}
            value={maxTokens}
            onChange={setMaxTokens}
          />
          <OptionalNumberField
            label="Temperature"
            hint={`Optional, 0 to ${GENERATION_LIMITS.temperatureMax}. Some models reject it`}
            error={errorOf('temperature')}
            min={0}
            max={GENERATION_LIMITS.temperatureMax}
            step={0.1}
            value={temperature}
            onChange={setTemperature}
          />
        </div>
        {failure !== null && (
          <p role="alert" className="text-sm text-bad">
            {failure}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button variant="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button variant="primary" type="submit" disabled={!isValid}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
