import { type ReactNode, type RefObject, useEffect, useRef } from 'react';
import { classes } from './classes.ts';

interface PopoverProps {
  label: string;
  /** The button that shows and hides it. */
  opener: RefObject<HTMLElement | null>;
  /** A press elsewhere, or the focus going elsewhere. Escape is for what is inside. */
  onClose: () => void;
  className?: string;
  children: ReactNode;
}

/** Floats above its opener, whose parent it is placed by, and goes when one turns to something else. Open while it is rendered. */
export function Popover({ label, opener, onClose, className, children }: PopoverProps) {
  const box = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const onTurn = ({ target }: Event) => {
      if (!(target instanceof Node) || box.current?.contains(target) || opener.current?.contains(target)) return;
      close.current();
    };
    document.addEventListener('pointerdown', onTurn);
    document.addEventListener('focusin', onTurn);
    return () => {
      document.removeEventListener('pointerdown', onTurn);
      document.removeEventListener('focusin', onTurn);
    };
  }, [opener]);
  return (
    <div
      ref={box}
      role="dialog"
      aria-label={label}
      className={classes(
        'absolute bottom-[calc(100%+0.5rem)] left-0 z-10 flex max-h-[min(34rem,calc(100dvh-8rem))] animate-[fade-in_120ms] flex-col rounded-md border border-border bg-bg shadow-xl',
        className,
      )}
    >
      {children}
    </div>
  );
}
