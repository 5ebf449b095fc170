import { clsx } from 'clsx';
import { Check, Copy, X } from 'lucide-react';
import { type ComponentProps, type ReactNode, useEffect, useState } from 'react';
import { Link } from 'wouter';
import { copyText } from './copy-text.ts';

export type ButtonVariant = 'primary' | 'secondary' | 'quiet';

const VARIANTS: Record<ButtonVariant, string> = {
  primary: 'bg-accent-fill text-white hover:brightness-110',
  secondary: 'border border-control bg-bg text-text hover:bg-surface-2',
  quiet: 'text-text-2 hover:bg-surface-2 hover:text-text',
};

/** The class names of a button, also for links that look like one. */
export function buttonClassNames(variant: ButtonVariant, className?: string): string {
  return clsx(
    'target inline-flex items-center justify-center gap-2 rounded-sm px-3 text-sm font-medium transition disabled:opacity-60',
    VARIANTS[variant],
    className,
  );
}

interface ButtonProps extends ComponentProps<'button'> {
  variant?: ButtonVariant;
}

export function Button({ variant = 'secondary', className, ...rest }: ButtonProps) {
  return <button type="button" {...rest} className={buttonClassNames(variant, className)} />;
}

interface ButtonLinkProps {
  href: string;
  variant?: ButtonVariant;
  className?: string;
  children: ReactNode;
}

/** A link to another page of the web UI that looks like a button. */
export function ButtonLink({ href, variant = 'secondary', className, children }: ButtonLinkProps) {
  return (
    <Link href={href} className={buttonClassNames(variant, className)}>
      {children}
    </Link>
  );
}

interface IconButtonProps extends ComponentProps<'button'> {
  /** The accessible name and the tooltip. */
  label: string;
}

export function IconButton({ label, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={clsx(
        'target inline-flex items-center justify-center rounded-sm text-text-2 transition hover:bg-surface-2 hover:text-text',
        className,
      )}
    />
  );
}

const RESULT_SHOWN_MS = 2_000;
const RESULTS = {
  copied: { label: 'Copied', Icon: Check },
  blocked: { label: 'Could not copy', Icon: X },
};

interface CopyButtonProps {
  /** Called on click. */
  text: () => string;
  label: string;
  /** Shows the label beside the icon. */
  isLabelShown?: boolean;
}

/** Copies text to the clipboard and shows the result for two seconds. */
export function CopyButton({ text, label, isLabelShown = false }: CopyButtonProps) {
  const [result, setResult] = useState<keyof typeof RESULTS>();
  useEffect(() => {
    if (!result) return;
    const timer = setTimeout(() => setResult(undefined), RESULT_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [result]);

  const copy = async () => {
    try {
      await copyText(text());
      setResult('copied');
    } catch {
      setResult('blocked');
    }
  };
  const { label: shownLabel, Icon } = result ? RESULTS[result] : { label, Icon: Copy };
  return (
    <IconButton label={shownLabel} onClick={() => void copy()} className={isLabelShown ? 'gap-1.5 px-2 font-sans' : undefined}>
      <Icon aria-hidden size={16} className={result === 'copied' ? 'text-ok' : undefined} />
      {isLabelShown && shownLabel}
    </IconButton>
  );
}
