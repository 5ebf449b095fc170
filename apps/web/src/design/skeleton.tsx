import { clsx } from 'clsx';

function Bar({ className }: { className: string }) {
  return <div className={clsx('animate-[blink_1.6s_infinite] rounded-sm bg-surface-2', className)} />;
}

/** The outline of a page with a heading and panels, shown during its download. */
export function PageSkeleton() {
  return (
    <div role="status" aria-label="Loading" className="mx-auto flex w-full max-w-6xl flex-col gap-6 px-4 py-6 sm:px-8 sm:py-8">
      <Bar className="h-9 w-56" />
      <Bar className="h-24" />
      <Bar className="h-72" />
    </div>
  );
}

/** The outline of text, such as a document or a response. */
export function TextSkeleton() {
  return (
    <div role="status" aria-label="Loading" className="mx-auto flex w-full max-w-190 flex-1 flex-col gap-3 px-4 py-8 sm:px-6">
      <Bar className="mb-4 h-8 w-2/3" />
      <Bar className="h-4" />
      <Bar className="h-4" />
      <Bar className="h-4 w-4/5" />
    </div>
  );
}

/** The outline of the context column. */
export function ListSkeleton() {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-3 p-4">
      <Bar className="h-4 w-1/2" />
      <Bar className="h-4" />
      <Bar className="h-4 w-4/5" />
      <Bar className="h-4 w-2/3" />
    </div>
  );
}
