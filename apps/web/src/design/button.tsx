import type { ComponentProps } from 'react';
import { classes } from './classes.ts';

export type Look = 'primary' | 'secondary' | 'quiet';

const LOOKS: Record<Look, string> = {
  primary: 'bg-accent-fill text-white hover:brightness-110',
  secondary: 'border border-control bg-bg text-text hover:bg-surface-2',
  quiet: 'text-text-2 hover:bg-surface-2 hover:text-text',
};

interface ButtonProps extends ComponentProps<'button'> {
  look?: Look;
}

/** What makes a button of a button, or of a link. */
export function buttonClasses(look: Look, className?: string): string {
  return classes(
    'target inline-flex items-center justify-center gap-2 rounded-sm px-3 text-sm font-medium transition disabled:opacity-60',
    LOOKS[look],
    className,
  );
}

/** A button with words; `type` is `button` unless it says otherwise. */
export function Button({ look = 'secondary', className, ...rest }: ButtonProps) {
  return <button type="button" {...rest} className={buttonClasses(look, className)} />;
}

interface IconButtonProps extends ComponentProps<'button'> {
  /** What it does: its name for a screen reader, and its tooltip. */
  label: string;
}

/** A button with an icon alone. */
export function IconButton({ label, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={classes(
        'target inline-flex items-center justify-center rounded-sm text-text-2 transition hover:bg-surface-2 hover:text-text',
        className,
      )}
    />
  );
}
