import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { buttonClasses, type Look } from './button.tsx';

interface ButtonLinkProps {
  href: string;
  look?: Look;
  className?: string;
  children: ReactNode;
}

/** Leads to another page, and looks like a button. */
export function ButtonLink({ href, look = 'secondary', className, children }: ButtonLinkProps) {
  return (
    <Link href={href} className={buttonClasses(look, className)}>
      {children}
    </Link>
  );
}
