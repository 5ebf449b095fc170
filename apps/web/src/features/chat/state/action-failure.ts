import { AppError } from '@prodigon/contracts';
import { create } from 'zustand';

/** Why the latest action on a conversation failed; null after the user has dismissed it. */
export const useActionFailure = create<{ readonly message: string | null }>()(() => ({ message: null }));

export function showActionFailure(title: string, thrown: unknown): void {
  useActionFailure.setState({ message: `${title}: ${AppError.from(thrown).message}` });
}
