import type { ConversationMessage } from '@prodigon/contracts/conversations';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../design/button.tsx';
import { TextArea } from '../../design/text-area.tsx';
import { focusComposer } from './focus-composer.ts';
import { rerunQuestion, saveQuestion } from './state/message-actions.ts';
import { useOpenConversation } from './state/open-conversation.ts';

interface QuestionEditorProps {
  message: ConversationMessage;
  onClose: () => void;
}

/** Edits a question in place. Save replaces its text; Save and rerun asks it as another version. */
export default function QuestionEditor({ message, onClose }: QuestionEditorProps) {
  const { key } = useOpenConversation();
  const [text, setText] = useState(message.content);
  const [failure, setFailure] = useState<string | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const isValid = text.trim() !== '';
  useEffect(() => {
    const field = form.current?.querySelector('textarea');
    field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
  }, []);
  const close = () => {
    onClose();
    focusComposer();
  };
  const save = async () => {
    if (!isValid) return;
    const problem = await saveQuestion(key, message.id, text);
    setFailure(problem);
    if (problem === null) close();
  };
  const rerun = () => {
    if (!isValid) return;
    void rerunQuestion(key, message, text);
    close();
  };
  return (
    <form
      ref={form}
      aria-label="Edit question"
      className="ms-auto w-full max-w-[85%] rounded-lg border border-control bg-bg p-3 max-sm:max-w-full"
      onSubmit={(event) => {
        event.preventDefault();
        rerun();
      }}
    >
      <TextArea
        aria-label="Question"
        grows
        rows={2}
        value={text}
        onChange={setText}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Escape') {
            // Escape would also stop the response.
            event.preventDefault();
            close();
          }
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) {
            event.preventDefault();
            rerun();
          }
        }}
        className="field max-h-[calc(14lh+1rem)] resize-none text-prose"
      />
      {failure !== null && (
        <p role="alert" className="mt-1 text-sm text-bad">
          {failure}
        </p>
      )}
      <div className="mt-2 flex flex-wrap justify-end gap-2">
        <Button variant="quiet" onClick={close}>
          Cancel
        </Button>
        <Button disabled={!isValid} onClick={() => void save()}>
          Save
        </Button>
        <Button variant="primary" type="submit" disabled={!isValid}>
          Save & rerun
        </Button>
      </div>
    </form>
  );
}
