import { Monitor, Moon, Sun } from 'lucide-react';
import { IconButton } from './button.tsx';
import { useTheme } from './theme-store.ts';

const LOOKS = {
  system: { Icon: Monitor, label: 'Theme: as the system. Switch to light' },
  light: { Icon: Sun, label: 'Theme: light. Switch to dark' },
  dark: { Icon: Moon, label: 'Theme: dark. Switch to the system’s' },
};

export function ThemeButton() {
  const { theme, next } = useTheme();
  const { Icon, label } = LOOKS[theme];
  return (
    <IconButton label={label} onClick={next}>
      <Icon aria-hidden size={18} />
    </IconButton>
  );
}
