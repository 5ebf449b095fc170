import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { classes } from './classes.ts';

interface ModalProps {
  label: string;
  /** Escape, or a press beside it. */
  onClose: () => void;
  className?: string;
  children: ReactNode;
}

/** The browser's own dialog: it holds the focus, gives it back, and makes the page behind it inert. Open while it is rendered. */
export function Modal({ label, onClose, className, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  // In the layout phase, before the element goes: only a dialog that is still there gives the focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself; the press beside it is for pointers.
    <dialog
      ref={dialog}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
      className={classes('bg-bg text-text backdrop:bg-[rgb(13_15_20/0.5)] backdrop:animate-[fade-in_120ms]', className)}
    >
      {children}
    </dialog>
  );
}
