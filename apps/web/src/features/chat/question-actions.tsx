import type { ConversationMessage } from '@prodigon/contracts/conversations';
import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { CopyButton, IconButton } from '../../design/button.tsx';
import { lazyPart } from '../../design/lazy-part.tsx';
import { BranchSwitch } from './branch-switch.tsx';
import { focusComposer } from './focus-composer.ts';
import { MessageTime } from './message-time.tsx';
import { deleteMessage } from './state/message-actions.ts';
import { useOpenConversation } from './state/open-conversation.ts';

const DeleteTurnDialog = lazyPart(() => import('./delete-turn-dialog.tsx'), { failure: 'overlay' });

interface QuestionActionsProps {
  message: ConversationMessage;
  isGenerating: boolean;
  onEdit: () => void;
}

/** Appear while the pointer or the focus is in the turn, and always on touch screens. */
export function QuestionActions({ message, isGenerating, onEdit }: QuestionActionsProps) {
  const { key } = useOpenConversation();
  const [isConfirming, setConfirming] = useState(false);
  return (
    <div className="flex items-center">
      <BranchSwitch message={message} label="question" />
      <div className="flex items-center opacity-0 transition group-focus-within/turn:opacity-100 group-hover/turn:opacity-100 pointer-coarse:opacity-100">
        <MessageTime time={message.created_at} />
        <CopyButton text={() => message.content} label="Copy question" />
        {!isGenerating && (
          <>
            <IconButton label="Edit question" onClick={onEdit}>
              <Pencil aria-hidden size={16} />
            </IconButton>
            <IconButton label="Delete question and response" onClick={() => setConfirming(true)}>
              <Trash2 aria-hidden size={16} />
            </IconButton>
          </>
        )}
      </div>
      {isConfirming && (
        <DeleteTurnDialog
          onConfirm={() => {
            void deleteMessage(key, message.id);
            focusComposer();
          }}
          onClose={() => setConfirming(false)}
        />
      )}
    </div>
  );
}
