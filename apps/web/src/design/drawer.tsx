import { X } from 'lucide-react';
import type { MouseEvent, ReactNode } from 'react';
import { IconButton } from './button.tsx';
import { Modal } from './modal.tsx';

interface DrawerProps {
  label: string;
  onClose: () => void;
  children: ReactNode;
}

/** The context column where there is no room for it beside the page. */
export function Drawer({ label, onClose, children }: DrawerProps) {
  // Whoever chose something here is done with it.
  const closeAfterChoice = ({ target }: MouseEvent) => {
    if (target instanceof Element && target.closest('a, button')) onClose();
  };
  return (
    <Modal
      label={label}
      onClose={onClose}
      className="m-0 h-dvh max-h-none w-[min(20rem,85vw)] animate-[slide-in_200ms] border-r border-border bg-surface"
    >
      <div className="flex h-full flex-col">
        <div className="flex h-12 shrink-0 items-center justify-between pr-2 pl-4">
          <span className="font-semibold">{label}</span>
          <IconButton label="Close" onClick={onClose}>
            <X aria-hidden size={18} />
          </IconButton>
        </div>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: it listens to what its buttons and links do. */}
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: a key that presses a button is a click too. */}
        <div className="min-h-0 flex-1" onClick={closeAfterChoice}>
          {children}
        </div>
      </div>
    </Modal>
  );
}
