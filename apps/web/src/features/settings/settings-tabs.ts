import { WEB_UI_ROUTES } from '@prodigon/contracts';

/** The tabs of the settings. Links open them by these addresses. */
export const SETTINGS_TABS = [
  { name: 'models', href: `${WEB_UI_ROUTES.settings}/models`, label: 'Models', lead: 'Saved in this browser' },
  { name: 'providers', href: `${WEB_UI_ROUTES.settings}/providers`, label: 'Providers', lead: 'Saved on the platform' },
  { name: 'keys', href: `${WEB_UI_ROUTES.settings}/keys`, label: 'API keys', lead: 'Saved on the platform' },
  { name: 'appearance', href: `${WEB_UI_ROUTES.settings}/appearance`, label: 'Appearance', lead: 'Saved in this browser' },
  { name: 'data', href: `${WEB_UI_ROUTES.settings}/data`, label: 'Data', lead: 'Saved in this browser' },
  {
    name: 'shortcuts',
    href: `${WEB_UI_ROUTES.settings}/shortcuts`,
    label: 'Shortcuts',
    lead: 'Keyboard shortcuts of the web UI',
  },
] as const;

export const SETTINGS_PROVIDERS = SETTINGS_TABS[1].href;
export const SETTINGS_KEYS = SETTINGS_TABS[2].href;
