/** Prodigon's mark, as on the favicon. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 32 32" fill="none">
      <rect width="32" height="32" rx="8" fill="#4f46e5" />
      <path d="M10 25V8.5h6.5a5.5 5.5 0 0 1 0 11H10" stroke="#fff" strokeWidth="3" strokeLinecap="round" strokeLinejoin="round" />
      <circle cx="23.5" cy="24" r="2" fill="#a5a6ff" />
    </svg>
  );
}
