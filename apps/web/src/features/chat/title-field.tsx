import type { Conversation } from '@prodigon/contracts/conversations';
import { CONVERSATION_LIMITS } from '@prodigon/contracts/conversations';
import { useEffect, useRef, useState } from 'react';
import { changeConversation } from './state/conversation-actions.ts';

interface TitleFieldProps {
  conversation: Pick<Conversation, 'id' | 'title'>;
  onClose: () => void;
}

/** Renames a conversation in place. Enter and leaving the field save, Escape does not. */
export function TitleField({ conversation: { id, title }, onClose }: TitleFieldProps) {
  const [text, setText] = useState(title);
  const input = useRef<HTMLInputElement>(null);
  const isClosed = useRef(false);
  useEffect(() => input.current?.select(), []);
  const close = (isSaved: boolean) => {
    if (isClosed.current) return;
    isClosed.current = true;
    const renamed = text.trim();
    if (isSaved && renamed !== '' && renamed !== title) void changeConversation(id, { title: renamed });
    onClose();
  };
  return (
    <input
      ref={input}
      aria-label="Title"
      dir="auto"
      maxLength={CONVERSATION_LIMITS.titleCharactersMax}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => close(true)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing || (event.key !== 'Enter' && event.key !== 'Escape')) return;
        // Escape would also stop the response, or close the drawer.
        event.preventDefault();
        event.stopPropagation();
        close(event.key === 'Enter');
      }}
      className="field min-w-0 flex-1"
    />
  );
}
