import type { Conversation, ExportFormat } from '@prodigon/contracts/conversations';
import { Archive, ArchiveRestore, Download, Pencil, Pin, PinOff, Printer, Share2, SlidersHorizontal, Trash2 } from 'lucide-react';
import { type RefObject, useRef } from 'react';
import { navigate } from 'wouter/use-browser-location';
import { Menu, MenuItem, MenuSeparator } from '../../design/menu.tsx';
import { conversationPath } from './chat-location.ts';
import { changeConversation, exportConversation } from './state/conversation-actions.ts';
import { scheduleDeletion } from './state/deletions.ts';

export type ConversationDialog = 'share' | 'options';

export interface ConversationMenuProps {
  conversation: Conversation;
  opener: RefObject<HTMLElement | null>;
  onRename: () => void;
  onDialog: (dialog: ConversationDialog) => void;
  onClose: () => void;
  /** Whether the page shows the conversation. */
  isOpen: boolean;
}

const EXPORTS: readonly (readonly [ExportFormat, string])[] = [
  ['markdown', 'Export as Markdown'],
  ['json', 'Export as JSON'],
  ['html', 'Export as HTML'],
];

/** The actions on a conversation. */
export default function ConversationMenu({ conversation, opener, onRename, onDialog, onClose, isOpen }: ConversationMenuProps) {
  const isFocusTaken = useRef(false);
  const { id, title, pinned, archived } = conversation;
  const takeFocus = (action: () => void) => () => {
    isFocusTaken.current = true;
    action();
  };
  const remove = () => {
    scheduleDeletion(id, title || 'New conversation');
    if (location.pathname === conversationPath(id)) navigate('/chat');
  };
  return (
    <Menu
      opener={opener}
      label={`Actions for ${title || 'the conversation'}`}
      onClose={onClose}
      returnsFocus={() => !isFocusTaken.current}
    >
      <MenuItem icon={Pencil} onSelect={takeFocus(onRename)}>
        Rename
      </MenuItem>
      <MenuItem icon={pinned ? PinOff : Pin} onSelect={() => void changeConversation(id, { pinned: !pinned })}>
        {pinned ? 'Unpin' : 'Pin'}
      </MenuItem>
      <MenuItem icon={archived ? ArchiveRestore : Archive} onSelect={() => void changeConversation(id, { archived: !archived })}>
        {archived ? 'Restore from archive' : 'Archive'}
      </MenuItem>
      <MenuItem icon={Share2} onSelect={() => onDialog('share')}>
        Share
      </MenuItem>
      <MenuItem icon={SlidersHorizontal} onSelect={() => onDialog('options')}>
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
      <MenuItem icon={Trash2} isDestructive onSelect={takeFocus(remove)}>
        Delete
      </MenuItem>
    </Menu>
  );
}
