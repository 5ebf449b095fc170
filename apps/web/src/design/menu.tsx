import { Content, Item, Portal, Root, Separator, Trigger } from '@radix-ui/react-dropdown-menu';
import { clsx } from 'clsx';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

interface MenuProps {
  /** The button that opens it. */
  trigger: ReactNode;
  label: string;
  /** Called before the focus returns to the button. Return false to leave it where it is. */
  onClose?: () => boolean;
  children: ReactNode;
}

/** A menu of actions below a button. Not modal: Radix's modal menus inject a style sheet, which the content security policy blocks. */
export function Menu({ trigger, label, onClose, children }: MenuProps) {
  return (
    <Root modal={false}>
      <Trigger asChild>{trigger}</Trigger>
      <Portal>
        <Content
          aria-label={label}
          align="end"
          sideOffset={4}
          collisionPadding={8}
          onCloseAutoFocus={(event) => {
            if (onClose?.() === false) event.preventDefault();
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
