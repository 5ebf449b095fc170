import { Button } from '../../design/button.tsx';
import { Toast } from '../../design/toast.tsx';
import { useActionFailure } from './state/action-failure.ts';
import { pauseDeletion, restoreDeleted, useDeletions } from './state/deletions.ts';

/** Confirms a deletion, which can be undone until the toast ends, and reports failed actions. */
export default function ChatToasts() {
  const latest = useDeletions(({ deletions }) => deletions.at(-1));
  const failure = useActionFailure((state) => state.message);
  return (
    <>
      <div role="status">
        {latest && (
          // biome-ignore lint/a11y/noStaticElementInteractions: the toast stays while the pointer or the focus is in it.
          <div
            onPointerEnter={() => pauseDeletion(true)}
            onPointerLeave={() => pauseDeletion(false)}
            onFocus={() => pauseDeletion(true)}
            onBlur={() => pauseDeletion(false)}
          >
            <Toast action={<Button onClick={restoreDeleted}>Undo</Button>} onDismiss={() => latest.send()}>
              Deleted “{latest.title}”.
            </Toast>
          </div>
        )}
      </div>
      <div role="alert">
        {failure !== null && <Toast onDismiss={() => useActionFailure.setState({ message: null })}>{failure}</Toast>}
      </div>
    </>
  );
}
