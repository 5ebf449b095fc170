import { Monitor, Moon, Sun } from 'lucide-react';
import { create } from 'zustand';
import { IconButton } from './button.tsx';

export type Theme = 'system' | 'light' | 'dark';

/** `public/theme.js` reads the same key before the first paint. */
const STORAGE_KEY = 'prodigon.theme';
const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };

interface ThemeState {
  theme: Theme;
  /** Switches from system to light, to dark, and back to system. */
  next: () => void;
  select: (theme: Theme) => void;
}

export const useTheme = create<ThemeState>()((set, get) => ({
  theme: initialTheme(),
  next: () => get().select(NEXT[get().theme]),
  select(theme) {
    applyTheme(theme);
    set({ theme });
  },
}));

function initialTheme(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === 'system') localStorage.removeItem(STORAGE_KEY);
    else localStorage.setItem(STORAGE_KEY, theme);
  } catch {
    // Storage is blocked: the theme lasts until the next reload.
  }
}

const BUTTONS = {
  system: { Icon: Monitor, label: 'Theme: system. Switch to light' },
  light: { Icon: Sun, label: 'Theme: light. Switch to dark' },
  dark: { Icon: Moon, label: 'Theme: dark. Switch to system' },
};

export function ThemeButton() {
  const { theme, next } = useTheme();
  const { Icon, label } = BUTTONS[theme];
  return (
    <IconButton label={label} onClick={next}>
      <Icon aria-hidden size={18} />
    </IconButton>
  );
}
