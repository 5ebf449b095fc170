import type { ConversationMessage } from '@prodigon/contracts/conversations';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { IconButton } from '../../design/button.tsx';
import { selectBranch } from './state/message-actions.ts';
import { useOpenConversation } from './state/open-conversation.ts';

interface BranchSwitchProps {
  message: Pick<ConversationMessage, 'id' | 'sibling_ids'>;
  /** What has versions. */
  label: 'question' | 'response';
}

/** ‹2/3› switches between the versions of a message. Nothing for a message with one version. */
export function BranchSwitch({ message: { id, sibling_ids }, label }: BranchSwitchProps) {
  const { key } = useOpenConversation();
  const index = sibling_ids.indexOf(id);
  if (sibling_ids.length < 2 || index === -1) return null;
  const select = (target: number) => {
    const sibling = sibling_ids[target];
    if (sibling !== undefined) void selectBranch(key, sibling);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be announced as part of a form.
    <div role="group" aria-label={`Versions of the ${label}`} className="flex items-center text-xs text-text-2">
      <IconButton
        label={`Previous ${label}`}
        aria-disabled={index === 0}
        onClick={() => select(index - 1)}
        className="aria-disabled:opacity-50"
      >
        <ChevronLeft aria-hidden size={16} />
      </IconButton>
      <span className="tabular">
        {index + 1}/{sibling_ids.length}
      </span>
      <IconButton
        label={`Next ${label}`}
        aria-disabled={index === sibling_ids.length - 1}
        onClick={() => select(index + 1)}
        className="aria-disabled:opacity-50"
      >
        <ChevronRight aria-hidden size={16} />
      </IconButton>
    </div>
  );
}
