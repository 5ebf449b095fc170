import { Check, Copy, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { IconButton } from './button.tsx';

const SHOWN_MS = 2_000;

interface CopyButtonProps {
  /** Asked when pressed. */
  text: () => string;
  label: string;
}

/** Copies, and says whether it worked. */
export function CopyButton({ text, label }: CopyButtonProps) {
  const [result, setResult] = useState<'copied' | 'refused'>();
  useEffect(() => {
    if (!result) return;
    const timer = setTimeout(() => setResult(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [result]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      setResult('copied');
    } catch {
      setResult('refused');
    }
  };
  const words = { copied: 'Copied', refused: 'The browser did not allow copying' };
  const Icon = { copied: Check, refused: X }[result as 'copied' | 'refused'] ?? Copy;
  return (
    <IconButton label={result ? words[result] : label} onClick={() => void copy()}>
      <Icon aria-hidden size={16} className={result === 'copied' ? 'text-ok' : undefined} />
    </IconButton>
  );
}
