import { ArrowLeft, ArrowRight } from 'lucide-react';
import { Link } from 'wouter';

interface Neighbor {
  href: string;
  title: string;
}

interface NeighborLinksProps {
  previous: Neighbor | undefined;
  next: Neighbor | undefined;
}

/** Links to the previous and the next page in the reading order. */
export function NeighborLinks({ previous, next }: NeighborLinksProps) {
  return (
    <nav aria-label="Previous and next" className="mt-12 grid gap-3 border-t border-border pt-6 sm:grid-cols-2">
      {previous ? <NeighborLink neighbor={previous} label="Previous" /> : <span />}
      {next && <NeighborLink neighbor={next} label="Next" />}
    </nav>
  );
}

function NeighborLink({ neighbor: { href, title }, label }: { neighbor: Neighbor; label: 'Previous' | 'Next' }) {
  const isNext = label === 'Next';
  return (
    <Link
      href={href}
      className={`rounded-md border border-border px-4 py-3 transition hover:border-control hover:bg-surface ${isNext ? 'text-end' : ''}`}
    >
      <span className={`flex items-center gap-1 text-sm text-text-3 ${isNext ? 'justify-end' : ''}`}>
        {!isNext && <ArrowLeft aria-hidden size={14} />} {label} {isNext && <ArrowRight aria-hidden size={14} />}
      </span>
      <span className="font-medium">{title}</span>
    </Link>
  );
}
