import { clsx } from 'clsx';

interface ProgressBarProps {
  label: string;
  /** From 0 to 1. */
  share: number;
  className?: string;
}

export function ProgressBar({ label, share, className }: ProgressBarProps) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      className={clsx('h-2 overflow-hidden rounded-full bg-surface-2', className)}
    >
      <div className="h-full rounded-full bg-accent-fill transition-[width]" style={{ width: `${percent}%` }} />
    </div>
  );
}
