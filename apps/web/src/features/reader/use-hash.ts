import { useLocationProperty } from 'wouter/use-browser-location';

/** The decoded fragment of the URL; empty without one. */
export function useHash(): string {
  const hash = useLocationProperty(() => location.hash.slice(1));
  try {
    return decodeURIComponent(hash);
  } catch {
    return hash;
  }
}
