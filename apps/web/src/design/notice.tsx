import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { classes } from './classes.ts';

type Tone = 'info' | 'warn' | 'bad';

const ICONS = { info: Info, warn: TriangleAlert, bad: CircleAlert };
const COLOURS: Record<Tone, string> = { info: 'text-info', warn: 'text-warn', bad: 'text-bad' };

interface NoticeProps {
  tone: Tone;
  title: string;
  children?: ReactNode;
  /** Buttons that help. */
  actions?: ReactNode;
}

/** Something to know, with what can be done about it. */
export function Notice({ tone, title, children, actions }: NoticeProps) {
  const Icon = ICONS[tone];
  return (
    <div className="flex flex-wrap items-start gap-x-3 gap-y-2 rounded-md border border-border bg-surface px-4 py-3">
      <Icon aria-hidden size={18} className={classes('mt-0.5 shrink-0', COLOURS[tone])} />
      <div className="min-w-48 flex-1">
        <p className="font-medium">{title}</p>
        {children && <div className="mt-0.5 text-sm text-text-2">{children}</div>}
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}
