import type { Conversation } from '@prodigon/contracts/conversations';
import { Share2, SquarePen } from 'lucide-react';
import { useRef, useState } from 'react';
import { navigate } from 'wouter/use-browser-location';
import { Button, IconButton } from '../../../design/button.tsx';
import { lazyPart } from '../../../design/lazy-part.tsx';
import { ConversationMenuButton } from '../conversation-menu-button.tsx';
import { ModelPicker } from '../model-picker/model-picker.tsx';
import { changeConversation } from '../state/conversation-actions.ts';
import { TitleField } from '../title-field.tsx';
import { ContextGauge } from './context-gauge.tsx';

const ShareDialog = lazyPart(() => import('./share-dialog.tsx'), { failure: 'overlay' });

/** The title, the model and the actions of the open conversation. */
export function ConversationHeader({ conversation }: { conversation: Conversation }) {
  const { id, title, model, archived } = conversation;
  const [isRenaming, setRenaming] = useState(false);
  const [isSharing, setSharing] = useState(false);
  const menu = useRef<Pick<HTMLElement, 'focus'>>(null);
  const endRenaming = () => {
    setRenaming(false);
    menu.current?.focus();
  };
  return (
    <header className="flex min-h-13 shrink-0 items-center gap-2 border-b border-border px-4 sm:px-6 max-sm:px-2">
      <div className="flex min-w-0 items-center gap-2 max-sm:flex-1 max-sm:flex-col max-sm:items-stretch max-sm:gap-0 max-sm:py-1">
        {isRenaming ? (
          <TitleField conversation={conversation} onClose={endRenaming} />
        ) : (
          <h1
            dir="auto"
            className="min-w-0 truncate font-semibold max-sm:px-2"
            title={title}
            onDoubleClick={() => setRenaming(true)}
          >
            {title || 'New conversation'}
          </h1>
        )}
        {archived && <span className="shrink-0 rounded-full bg-surface-2 px-2 text-xs text-text-2">Archived</span>}
        <ModelPicker model={model} onSelect={(selected) => void changeConversation(id, { model: selected })} />
      </div>
      <div className="ms-auto flex shrink-0 items-center gap-1">
        <ContextGauge />
        <Button variant="quiet" onClick={() => setSharing(true)} className="max-sm:hidden">
          <Share2 aria-hidden size={16} /> Share
        </Button>
        <IconButton label="New chat" onClick={() => navigate('/chat')}>
          <SquarePen aria-hidden size={18} />
        </IconButton>
        <ConversationMenuButton
          ref={menu}
          conversation={conversation}
          label="Conversation actions"
          isOpen
          onRename={() => setRenaming(true)}
        />
      </div>
      {isSharing && <ShareDialog conversation={conversation} onClose={() => setSharing(false)} />}
    </header>
  );
}
