import type { ReactNode } from 'react';
import { classes } from '../../design/classes.ts';

interface RoundButtonProps {
  label: string;
  look: 'primary' | 'secondary';
  type?: 'button' | 'submit';
  /** There is nothing to do yet. It keeps its place and its focus. */
  isOff?: boolean;
  onClick?: () => void;
  children: ReactNode;
}

export function RoundButton({ label, look, type = 'button', isOff = false, onClick, children }: RoundButtonProps) {
  return (
    <button
      type={type}
      aria-label={label}
      title={label}
      aria-disabled={isOff}
      onClick={onClick}
      className={classes(
        'inline-flex size-9 items-center justify-center rounded-full transition pointer-coarse:size-11',
        look === 'primary' && !isOff && 'bg-accent-fill text-white hover:brightness-110',
        look === 'primary' && isOff && 'bg-surface-2 text-text-3',
        look === 'secondary' && 'border border-control text-text hover:bg-surface-2',
      )}
    >
      {children}
    </button>
  );
}
