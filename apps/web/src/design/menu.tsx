import { Content, Item, Portal, Root, Separator, Trigger } from '@radix-ui/react-dropdown-menu';
import { clsx } from 'clsx';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode, RefObject } from 'react';

interface MenuProps {
  /** The button that opened it, which gets the focus back. */
  opener: RefObject<HTMLElement | null>;
  label: string;
  /** Called on Escape, after a choice, and when the user presses or focuses another element. */
  onClose: () => void;
  /** Whether the focus returns to the button. Called after `onClose`. */
  returnsFocus: () => boolean;
  children: ReactNode;
}

/**
 * A menu of actions that is open while it is rendered, within the positioned parent of its button. Not modal: Radix's modal
 * menus inject a style sheet, which the content security policy blocks.
 */
export function Menu({ opener, label, onClose, returnsFocus, children }: MenuProps) {
  return (
    <Root open modal={false} onOpenChange={onClose}>
      {/* Only the position of the menu. The button exists before the menu downloads. */}
      <Trigger asChild>
        <span aria-hidden="true" className="pointer-events-none absolute inset-0" />
      </Trigger>
      {/* In a landmark, where screen readers look for content, but above the drawer of a button in one. */}
      <Portal container={opener.current?.closest('[role=dialog]') ? undefined : document.querySelector('main')}>
        <Content
          aria-label={label}
          aria-labelledby={undefined}
          align="end"
          sideOffset={4}
          collisionPadding={8}
          onPointerDownOutside={(event) => {
            // A press on the button closes the menu by itself.
            if (event.target instanceof Node && opener.current?.contains(event.target)) event.preventDefault();
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (returnsFocus()) opener.current?.focus();
          }}
          // A press would otherwise reach what is around the menu in the tree of components.
          onClick={(event) => event.stopPropagation()}
          className="z-30 max-h-(--radix-dropdown-menu-content-available-height) min-w-48 overflow-y-auto rounded-md border border-border bg-bg p-1 text-text shadow-xl"
        >
          {children}
        </Content>
      </Portal>
    </Root>
  );
}

interface MenuItemProps {
  icon: LucideIcon;
  isDestructive?: boolean;
  onSelect: () => void;
  children: ReactNode;
}

export function MenuItem({ icon: Icon, isDestructive = false, onSelect, children }: MenuItemProps) {
  return (
    <Item
      onSelect={onSelect}
      className={clsx(
        'target flex cursor-pointer items-center gap-3 rounded-sm px-3 text-sm outline-none data-highlighted:bg-surface-2',
        isDestructive && 'text-bad',
      )}
    >
      <Icon aria-hidden size={16} className={isDestructive ? undefined : 'text-text-3'} />
      {children}
    </Item>
  );
}

export function MenuSeparator() {
  return <Separator className="my-1 border-t border-border" />;
}
