import { Content, Portal, Root, Title } from '@radix-ui/react-dialog';
import { clsx } from 'clsx';
import { X } from 'lucide-react';
import { type MouseEvent, type ReactNode, useState } from 'react';
import { Button, IconButton } from './button.tsx';

const PLACEMENTS = {
  center:
    'top-1/2 left-1/2 max-h-[calc(100dvh-2rem)] w-[min(26rem,calc(100vw-2rem))] -translate-1/2 animate-[fade-in_120ms] overflow-y-auto rounded-lg border border-border p-6 shadow-xl',
  form: 'top-1/2 left-1/2 max-h-[calc(100dvh-2rem)] w-[min(44rem,calc(100vw-2rem))] -translate-1/2 animate-[fade-in_120ms] overflow-y-auto rounded-lg border border-border p-6 shadow-xl max-sm:p-4',
  wide: 'top-1/2 left-1/2 max-h-[calc(100dvh-2rem)] w-[min(60rem,calc(100vw-2rem))] -translate-1/2 animate-[fade-in_120ms] rounded-lg border border-border p-5 shadow-xl',
  left: 'inset-y-0 left-0 w-[min(20rem,85vw)] animate-[slide-in_200ms] border-r border-border bg-surface',
  bottom: 'inset-x-0 bottom-0 h-[80dvh] animate-[rise-in_200ms] rounded-t-lg border-t border-border',
};

interface DialogProps {
  placement: keyof typeof PLACEMENTS;
  /** Called on Escape and on a press outside the dialog. */
  onClose: () => void;
  /** Ignores presses outside, which would lose what the dialog contains. */
  keepsOpen?: boolean;
  children: ReactNode;
}

/**
 * A modal dialog that is open while it is rendered, named by the `DialogTitle` in it. It traps the focus and returns it on close.
 * The backdrop is a plain element: Radix's own injects a style sheet, which the content security policy blocks.
 */
export function Dialog({ placement, onClose, keepsOpen = false, children }: DialogProps) {
  const [opener] = useState(() => document.activeElement);
  return (
    <Root open onOpenChange={onClose}>
      <Portal>
        <div aria-hidden="true" className="fixed inset-0 z-20 animate-[fade-in_120ms] bg-[rgb(13_15_20/0.5)]" />
        <Content
          aria-modal="true"
          aria-describedby={undefined}
          onInteractOutside={(event) => keepsOpen && event.preventDefault()}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (opener instanceof HTMLElement) opener.focus();
          }}
          className={clsx('fixed z-20 flex flex-col bg-bg text-text', PLACEMENTS[placement])}
        >
          {children}
        </Content>
      </Portal>
    </Root>
  );
}

export function DialogTitle({ children }: { children: ReactNode }) {
  return <Title className="text-lg font-semibold">{children}</Title>;
}

interface PanelDialogProps extends DialogProps {
  title: string;
  placement: 'left' | 'bottom';
}

/** A dialog along one edge of the screen, with a title bar and a close button. */
export function PanelDialog({ title, children, ...props }: PanelDialogProps) {
  return (
    <Dialog {...props}>
      <div className="flex h-12 shrink-0 items-center justify-between pr-2 pl-4">
        <Title className="font-semibold">{title}</Title>
        <IconButton label="Close" onClick={props.onClose}>
          <X aria-hidden size={18} />
        </IconButton>
      </div>
      {children}
    </Dialog>
  );
}

interface DrawerProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

/** The context column on narrow screens. It closes after any of its links or buttons is pressed, except those that keep it open. */
export function Drawer({ title, onClose, children }: DrawerProps) {
  const closeAfterChoice = ({ target }: MouseEvent) => {
    if (!(target instanceof Element)) return;
    if (target.closest('a, button') && !target.closest('[data-keeps-open]')) onClose();
  };
  return (
    <PanelDialog title={title} placement="left" onClose={onClose}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it observes its links and buttons. */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: a key that presses a button fires a click, too. */}
      <div className="min-h-0 flex-1" onClick={closeAfterChoice}>
        {children}
      </div>
    </PanelDialog>
  );
}

interface ConfirmDialogProps {
  /** A question. */
  title: string;
  children: ReactNode;
  /** The label of the confirming button: a verb and its object, never "OK". */
  action: string;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks for confirmation before an action that cannot be undone. */
export function ConfirmDialog({ title, children, action, onConfirm, onClose }: ConfirmDialogProps) {
  return (
    <Dialog placement="center" onClose={onClose}>
      <DialogTitle>{title}</DialogTitle>
      <div className="mt-2 text-text-2">{children}</div>
      <div className="mt-6 flex justify-end gap-2">
        <Button variant="quiet" onClick={onClose}>
          Back
        </Button>
        <Button
          variant="primary"
          onClick={() => {
            onClose();
            onConfirm();
          }}
        >
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
