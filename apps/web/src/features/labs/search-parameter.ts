import { useLocation, useSearch } from 'wouter';

/** A selection of the page that is part of its URL; null without one. */
export function useSearchParameter(name: string): [string | null, (value: string | null) => void] {
  const search = useSearch();
  const [pathname, navigate] = useLocation();
  const parameters = new URLSearchParams(search);
  const change = (value: string | null) => {
    if (value === null) parameters.delete(name);
    else parameters.set(name, value);
    const query = parameters.toString();
    navigate(`${pathname}${query && `?${query}`}`, { replace: true });
  };
  return [parameters.get(name), change];
}
