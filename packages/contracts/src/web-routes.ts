/** The sections of the web UI, by name. Routes below a section, e.g. `/jobs/<id>`, belong to it. */
export const WEB_UI_ROUTES = {
  chat: '/chat',
  shared: '/s',
  workshop: '/workshop',
  labs: '/labs',
  read: '/read',
  jobs: '/jobs',
  dashboard: '/dashboard',
  usage: '/usage',
  settings: '/settings',
} as const;

/** The path prefixes that the gateway serves itself. A request for any other path is for the web UI. */
export const GATEWAY_PREFIXES = [
  '/api',
  '/v1',
  '/openai',
  '/health',
  '/livez',
  '/readyz',
  '/metrics',
  '/docs',
  '/openapi.json',
] as const;
