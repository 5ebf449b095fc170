import { WEB_UI_ROUTES } from '@prodigon/contracts';

/** The tabs of the settings. Links open them by these addresses. */
export const SETTINGS_TABS = [
  { name: 'models', href: `${WEB_UI_ROUTES.settings}/models`, label: 'Models', lead: 'Saved in this browser' },
  { name: 'providers', href: `${WEB_UI_ROUTES.settings}/providers`, label: 'Providers', lead: 'Saved on the platform' },
] as const;

export const SETTINGS_PROVIDERS = SETTINGS_TABS[1].href;
