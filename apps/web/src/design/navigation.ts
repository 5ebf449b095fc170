import type { LucideIcon } from 'lucide-react';

/** A place in the interface, as the rail and the bottom bar offer it. */
export interface Destination {
  href: string;
  label: string;
  icon: LucideIcon;
  isCurrent: boolean;
}

/** The button of the context column. */
export interface ContextToggle {
  label: string;
  isOpen: boolean;
  onToggle: () => void;
}
