import type { ProviderState } from '@prodigon/contracts';

/** What an empty key field means; undefined where a key is required. */
export function keyHint({ source, has_key, base_url_variable }: ProviderState): string | undefined {
  if (source === 'stored' && has_key) return 'Leave empty to keep the stored key';
  return base_url_variable === null ? undefined : 'Leave empty if the server requires none';
}

/** Where the settings of a provider come from: `Key stored`. */
export function providerStatus({ source, has_key, base_url, key_variable, base_url_variable }: ProviderState): string {
  switch (source) {
    case 'environment': {
      const variables = [has_key && key_variable, base_url_variable].filter(Boolean).join(' and ');
      return `Configured by environment variables: ${variables}. To change the provider, change them and restart the platform.`;
    }
    case 'stored':
      return [has_key && 'Key stored', base_url].filter(Boolean).join(' · ') || 'Configured';
    case null:
      return base_url_variable === null ? 'Requires an API key' : 'Requires the address of a server';
  }
}
