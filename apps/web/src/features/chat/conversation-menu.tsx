import type { Conversation, ExportFormat } from '@prodigon/contracts/conversations';
import { Archive, ArchiveRestore, Download, Pencil, Pin, PinOff, Printer, Share2, SlidersHorizontal, Trash2 } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { navigate } from 'wouter/use-browser-location';
import { lazyPart } from '../../design/lazy-part.tsx';
import { Menu, MenuItem, MenuSeparator } from '../../design/menu.tsx';
import { conversationPath } from './chat-location.ts';
import { changeConversation, exportConversation } from './state/conversation-actions.ts';
import { scheduleDeletion } from './state/deletions.ts';

const ShareDialog = lazyPart(() => import('./header/share-dialog.tsx'), { failure: 'overlay' });
const OptionsDialog = lazyPart(() => import('./header/options-dialog.tsx'), { failure: 'overlay' });

interface ConversationMenuProps {
  conversation: Conversation;
  trigger: ReactNode;
  onRename: () => void;
  /** Whether the page shows the conversation. */
  isOpen: boolean;
}

const EXPORTS: readonly (readonly [ExportFormat, string])[] = [
  ['markdown', 'Export as Markdown'],
  ['json', 'Export as JSON'],
  ['html', 'Export as HTML'],
];

/** The actions on a conversation. */
export function ConversationMenu({ conversation, trigger, onRename, isOpen }: ConversationMenuProps) {
  const [dialog, setDialog] = useState<'share' | 'options' | null>(null);
  const isFocusTaken = useRef(false);
  const { id, pinned, archived } = conversation;
  const takeFocus = (action: () => void) => () => {
    isFocusTaken.current = true;
    action();
  };
  const remove = () => {
    scheduleDeletion(id, conversation.title || 'New conversation');
    if (location.pathname === conversationPath(id)) navigate('/chat');
  };
  return (
    <>
      <Menu
        label={`Actions for ${conversation.title || 'the conversation'}`}
        trigger={trigger}
        onClose={() => {
          const returns = !isFocusTaken.current;
          isFocusTaken.current = false;
          return returns;
        }}
      >
        <MenuItem icon={Pencil} onSelect={takeFocus(onRename)}>
          Rename
        </MenuItem>
        <MenuItem icon={pinned ? PinOff : Pin} onSelect={() => void changeConversation(id, { pinned: !pinned })}>
          {pinned ? 'Unpin' : 'Pin'}
        </MenuItem>
        <MenuItem
          icon={archived ? ArchiveRestore : Archive}
          onSelect={() => void changeConversation(id, { archived: !archived })}
        >
          {archived ? 'Restore from archive' : 'Archive'}
        </MenuItem>
        <MenuItem icon={Share2} onSelect={takeFocus(() => setDialog('share'))}>
          Share
        </MenuItem>
        <MenuItem icon={SlidersHorizontal} onSelect={takeFocus(() => setDialog('options'))}>
          System prompt and options
        </MenuItem>
        <MenuSeparator />
        {EXPORTS.map(([format, label]) => (
          <MenuItem key={format} icon={Download} onSelect={() => void exportConversation(id, format)}>
            {label}
          </MenuItem>
        ))}
        {isOpen && (
          <MenuItem icon={Printer} onSelect={() => setTimeout(() => print())}>
            Print
          </MenuItem>
        )}
        <MenuSeparator />
        <MenuItem icon={Trash2} isDestructive onSelect={remove}>
          Delete
        </MenuItem>
      </Menu>
      {dialog === 'share' && <ShareDialog conversation={conversation} onClose={() => setDialog(null)} />}
      {dialog === 'options' && <OptionsDialog conversation={conversation} onClose={() => setDialog(null)} />}
    </>
  );
}
