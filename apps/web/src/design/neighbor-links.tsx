import { ArrowLeft, ArrowRight } from 'lucide-react';
import { Link } from 'wouter';

interface Neighbor {
  href: string;
  title: string;
}

interface NeighborLinksProps {
  previous: Neighbor | undefined;
  next: Neighbor | undefined;
  /** Before the browser follows the link to the next page. */
  onNext?: () => void;
}

/** Links to the previous and the next page in the reading order. */
export function NeighborLinks({ previous, next, onNext }: NeighborLinksProps) {
  return (
    <nav aria-label="Previous and next" className="mt-12 grid gap-3 border-t border-border pt-6 sm:grid-cols-2">
      {previous ? <NeighborLink neighbor={previous} label="Previous" /> : <span />}
      {next && <NeighborLink neighbor={next} label="Next" onClick={onNext} />}
    </nav>
  );
}

interface NeighborLinkProps {
  neighbor: Neighbor;
  label: 'Previous' | 'Next';
  onClick?: (() => void) | undefined;
}

function NeighborLink({ neighbor: { href, title }, label, onClick }: NeighborLinkProps) {
  const isNext = label === 'Next';
  return (
    <Link
      href={href}
      onClick={onClick}
      className={`rounded-md border border-border px-4 py-3 transition hover:border-control hover:bg-surface ${isNext ? 'text-end' : ''}`}
    >
      <span className={`flex items-center gap-1 text-sm text-text-3 ${isNext ? 'justify-end' : ''}`}>
        {!isNext && <ArrowLeft aria-hidden size={14} />} {label} {isNext && <ArrowRight aria-hidden size={14} />}
      </span>
      <span className="font-medium">{title}</span>
    </Link>
  );
}
