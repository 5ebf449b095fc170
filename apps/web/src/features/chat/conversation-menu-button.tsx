import type { Conversation } from '@prodigon/contracts/conversations';
import { Ellipsis } from 'lucide-react';
import { type Ref, useImperativeHandle, useRef, useState } from 'react';
import { IconButton } from '../../design/button.tsx';
import { lazyPart } from '../../design/lazy-part.tsx';
import type { ConversationDialog } from './conversation-menu.tsx';

const ConversationMenu = lazyPart(() => import('./conversation-menu.tsx'), { failure: 'overlay' });
const ShareDialog = lazyPart(() => import('./header/share-dialog.tsx'), { failure: 'overlay' });
const OptionsDialog = lazyPart(() => import('./header/options-dialog.tsx'), { failure: 'overlay' });

interface ConversationMenuButtonProps {
  /** Focuses the button. */
  ref?: Ref<Pick<HTMLElement, 'focus'>>;
  conversation: Conversation;
  label: string;
  /** Whether the page shows the conversation. */
  isOpen: boolean;
  onRename: () => void;
}

/** Opens the menu of a conversation, and the dialogs that it leads to. */
export function ConversationMenuButton({ ref, conversation, label, isOpen, onRename }: ConversationMenuButtonProps) {
  const button = useRef<HTMLButtonElement>(null);
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [dialog, setDialog] = useState<ConversationDialog | null>(null);
  useImperativeHandle(ref, () => ({ focus: () => button.current?.focus() }));
  return (
    <span data-state={isMenuOpen ? 'open' : 'closed'} className="relative">
      <IconButton
        ref={button}
        label={label}
        aria-haspopup="menu"
        aria-expanded={isMenuOpen}
        onClick={() => setMenuOpen(!isMenuOpen)}
        onPointerEnter={() => void ConversationMenu.preload()}
        onFocus={() => void ConversationMenu.preload()}
      >
        <Ellipsis aria-hidden size={16} />
      </IconButton>
      {isMenuOpen && (
        <ConversationMenu
          conversation={conversation}
          opener={button}
          isOpen={isOpen}
          onRename={onRename}
          onDialog={setDialog}
          onClose={() => setMenuOpen(false)}
        />
      )}
      {dialog === 'share' && <ShareDialog conversation={conversation} onClose={() => setDialog(null)} />}
      {dialog === 'options' && <OptionsDialog conversation={conversation} onClose={() => setDialog(null)} />}
    </span>
  );
}
