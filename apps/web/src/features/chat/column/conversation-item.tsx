import type { Conversation } from '@prodigon/contracts/conversations';
import { clsx } from 'clsx';
import { Pin } from 'lucide-react';
import { memo, useRef, useState } from 'react';
import { Link } from 'wouter';
import { conversationPath } from '../chat-location.ts';
import { ConversationMenuButton } from '../conversation-menu-button.tsx';
import { TitleField } from '../title-field.tsx';

interface ConversationItemProps {
  conversation: Conversation;
  isOpen: boolean;
  isUnread: boolean;
}

/** A conversation in the list, with its menu. */
export const ConversationItem = memo(function ConversationItem({ conversation, isOpen, isUnread }: ConversationItemProps) {
  const [isRenaming, setRenaming] = useState(false);
  const menu = useRef<Pick<HTMLElement, 'focus'>>(null);
  const { id, title, generating, pinned } = conversation;
  if (isRenaming) {
    const endRenaming = () => {
      setRenaming(false);
      requestAnimationFrame(() => menu.current?.focus());
    };
    return (
      <li className="flex p-1">
        <TitleField conversation={conversation} onClose={endRenaming} />
      </li>
    );
  }
  return (
    <li
      className={clsx(
        'group/item relative flex items-center rounded-sm text-sm',
        isOpen ? 'bg-bg font-medium text-text ring-1 ring-border' : 'text-text-2 hover:bg-surface-2 hover:text-text',
      )}
    >
      <Link
        href={conversationPath(id)}
        data-conversation={id}
        aria-current={isOpen ? 'page' : undefined}
        className="target flex min-w-0 flex-1 items-center gap-2 rounded-sm ps-3 pe-9 focus-visible:-outline-offset-2"
      >
        <span dir="auto" className="truncate">
          {title || 'New conversation'}
        </span>
        {pinned && <Pin aria-hidden size={12} className="shrink-0 text-text-3" />}
        <Mark isGenerating={generating} isUnread={isUnread} />
      </Link>
      <span
        data-keeps-open
        className={clsx(
          'absolute end-0',
          !isOpen &&
            'opacity-0 group-focus-within/item:opacity-100 group-hover/item:opacity-100 has-data-[state=open]:opacity-100 pointer-coarse:opacity-100',
        )}
      >
        <ConversationMenuButton
          ref={menu}
          conversation={conversation}
          label={`Actions for ${title || 'the conversation'}`}
          isOpen={isOpen}
          onRename={() => setRenaming(true)}
        />
      </span>
    </li>
  );
});

/** A dot while the model responds, and for a response that is unread. */
function Mark({ isGenerating, isUnread }: { isGenerating: boolean; isUnread: boolean }) {
  if (!isGenerating && !isUnread) return null;
  const label = isGenerating ? 'Generating' : 'Unread response';
  return (
    <span title={label} className="ms-auto flex shrink-0">
      <span className={clsx('size-2 rounded-full bg-accent', isGenerating && 'animate-[blink_1.2s_infinite]')} />
      <span className="sr-only">{label}</span>
    </span>
  );
}
