import { create } from 'zustand';

export type Theme = 'system' | 'light' | 'dark';

/** The same key that public/theme.js reads before the first paint. */
const STORAGE_KEY = 'prodigon.theme';
const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };

interface ThemeState {
  theme: Theme;
  /** system, light, dark, system, … */
  next: () => void;
}

export const useTheme = create<ThemeState>()((set, get) => ({
  theme: chosenTheme(),
  next() {
    const theme = NEXT[get().theme];
    apply(theme);
    set({ theme });
  },
}));

function chosenTheme(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

function apply(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === 'system') localStorage.removeItem(STORAGE_KEY);
    else localStorage.setItem(STORAGE_KEY, theme);
  } catch {
    // Storage is blocked: the choice holds for this page.
  }
}
