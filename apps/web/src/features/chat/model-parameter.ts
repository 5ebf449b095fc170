/**
 * The model string of `/chat?model=…`, or null. A simulated model's string has a query of its own
 * (`prodigon-sim?ttft_ms=0&tokens=200`); typed into the address bar as it is, its `&` splits it, so
 * what follows belongs to it. The page has no other parameter.
 */
export function modelOf(search: string): string | null {
  const parameters = new URLSearchParams(search);
  const model = parameters.get('model');
  if (!model) return null;
  parameters.delete('model');
  const rest = parameters.toString();
  return rest && model.includes('?') ? `${model}&${rest}` : model;
}

export function chatPath(model: string | null): string {
  return model === null ? '/chat' : `/chat?${new URLSearchParams({ model })}`;
}
