import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { useMediaQuery } from './use-media-query.ts';

const STORAGE_KEY = 'prodigon.column';

/** Whether the context column is shown: beside the page and remembered on wide screens, as a drawer on request on others. */
export function useContextColumn() {
  const isDrawer = !useMediaQuery('(min-width: 1024px)');
  const [location] = useLocation();
  const [isCollapsed, setCollapsed] = useState(() => localStorage.getItem(STORAGE_KEY) === 'collapsed');
  const [isDrawerOpen, setDrawerOpen] = useState(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever chose a page in the drawer is done with it.
  useEffect(() => setDrawerOpen(false), [location, isDrawer]);

  const toggle = () => {
    if (isDrawer) return setDrawerOpen(!isDrawerOpen);
    localStorage.setItem(STORAGE_KEY, isCollapsed ? 'shown' : 'collapsed');
    setCollapsed(!isCollapsed);
  };
  return { isDrawer, isShown: isDrawer ? isDrawerOpen : !isCollapsed, toggle };
}
