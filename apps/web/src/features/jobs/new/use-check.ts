import type { JobFileFormat } from '@prodigon/contracts';
import { useEffect, useState } from 'react';
import { checkSource, type SourceCheck } from './check-source.ts';
import { isEmpty, type Source } from './source.ts';

/** After the last key, before what was typed is checked. */
const SETTLE_MS = 200;

export type CheckState =
  | { state: 'empty' }
  | { state: 'checking'; lines: number }
  | { state: 'unknown kind' }
  | { state: 'checked'; check: SourceCheck };

/** What the prompts are like, anew after each change. */
export function useCheck(source: Source, format: JobFileFormat | undefined): CheckState {
  const [found, setFound] = useState<{ source: Source; format: JobFileFormat; check: SourceCheck }>();
  const [lines, setLines] = useState(0);
  useEffect(() => {
    if (isEmpty(source) || !format) return;
    const controller = new AbortController();
    const { signal } = controller;
    setLines(0);
    const check = () =>
      checkSource(source, format, { signal, onProgress: setLines })
        .then((check) => !signal.aborted && setFound({ source, format, check }))
        .catch(() => {});
    const timer = setTimeout(check, source.type === 'text' ? SETTLE_MS : 0);
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [source, format]);

  if (isEmpty(source)) return { state: 'empty' };
  if (!format) return { state: 'unknown kind' };
  if (found?.source === source && found.format === format) return { state: 'checked', check: found.check };
  return { state: 'checking', lines };
}
