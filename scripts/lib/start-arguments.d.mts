export const START_OPTIONS: Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>;
export function findStartProblem(args: string[]): string | undefined;
