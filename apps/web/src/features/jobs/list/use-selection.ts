import { useCallback, useState } from 'react';

export interface Selection {
  ids: ReadonlySet<string>;
  select: (id: string, isSelected: boolean) => void;
  replace: (ids: readonly string[]) => void;
}

/** Which jobs of the page are chosen. What is not shown is not chosen. */
export function useSelection(shown: readonly string[]): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const select = useCallback((id: string, isSelected: boolean) => {
    setChosen((before) => {
      const next = new Set(before);
      if (isSelected) next.add(id);
      else next.delete(id);
      return next;
    });
  }, []);
  const replace = useCallback((ids: readonly string[]) => setChosen(new Set(ids)), []);
  return { ids: new Set(shown.filter((id) => chosen.has(id))), select, replace };
}
