import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from './button.tsx';

interface ToastProps {
  children: ReactNode;
  /** A button that undoes the action. */
  action?: ReactNode;
  onDismiss: () => void;
}

/** Confirms an action above the page, until the user dismisses it or acts again: a timer would rush slow readers. */
export function Toast({ children, action, onDismiss }: ToastProps) {
  return (
    <div className="fixed inset-x-4 bottom-4 z-10 mx-auto flex w-fit max-w-[calc(100vw-2rem)] animate-[fade-in_120ms] items-center gap-3 rounded-md border border-control bg-bg py-2 pr-2 pl-4 shadow-xl max-sm:bottom-18">
      <p className="min-w-0 wrap-anywhere">{children}</p>
      {action}
      <IconButton label="Dismiss" onClick={onDismiss}>
        <X aria-hidden size={16} />
      </IconButton>
    </div>
  );
}
