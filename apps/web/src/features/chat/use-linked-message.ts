import { type RefObject, useEffect, useRef, useState } from 'react';
import { hasScrollPosition } from '../../design/use-scroll-restoration.ts';
import type { MessageListHandle } from './message-list.tsx';
import { selectBranch } from './state/message-actions.ts';
import { useOpenConversation } from './state/open-conversation.ts';
import type { TranscriptTurn } from './state/transcript-turns.ts';

/** Frames within which a message must be in the document after the list has scrolled to it. */
const FRAMES_MAX = 120;
/** Elements that come into view get their real height only then, and move those below them. */
const CORRECTIONS = 3;
const HIGHLIGHT_MS = 2_000;

interface LinkedMessage {
  readonly id: string;
}

/**
 * Scrolls to the message that the fragment of the URL names, for example after a search, and shows its branch. After Back
 * and a reload, the list returns to its previous position instead.
 */
export function useLinkedMessage(list: RefObject<MessageListHandle | null>, turns: readonly TranscriptTurn[]): void {
  const { key, view } = useOpenConversation();
  const [linked, setLinked] = useState(() => (hasScrollPosition() ? null : linkedMessage()));
  const selected = useRef<LinkedMessage>(null);
  useEffect(() => {
    const onNavigation = () => setLinked(linkedMessage());
    addEventListener('pushState', onNavigation);
    return () => removeEventListener('pushState', onNavigation);
  }, []);

  const turnId = linked && turns.find((turn) => hasMessage(turn, linked.id))?.id;
  const isOnOtherBranch = linked !== null && turnId === undefined && view?.hasEarlier === false;
  useEffect(() => {
    if (!isOnOtherBranch || selected.current === linked) return;
    selected.current = linked;
    void selectBranch(key, linked.id);
  }, [isOnOtherBranch, linked, key]);
  useEffect(() => {
    if (!linked || turnId == null) return;
    return showElement(linked.id, () => list.current?.scrollToMessage(turnId));
  }, [linked, turnId, list]);
}

const linkedMessage = (): LinkedMessage | null => (location.hash === '' ? null : { id: location.hash.slice(1) });

const hasMessage = ({ question, responses }: TranscriptTurn, id: string) =>
  question?.message?.id === id || responses.some(({ message }) => message?.id === id);

/** Brings the element of a message into view and highlights it. Returns a function that stops it. */
function showElement(id: string, scrollToTurn: () => void): () => void {
  let frame = 0;
  const show = (frames: number, corrections: number) => {
    const element = document.querySelector(`[data-message="${CSS.escape(id)}"]`) ?? document.getElementById(id);
    if (element) {
      element.scrollIntoView({ block: 'start' });
      if (corrections === 0) return highlight(element);
    } else scrollToTurn();
    if (frames > 0) frame = requestAnimationFrame(() => show(frames - 1, element ? corrections - 1 : corrections));
  };
  scrollToTurn();
  show(FRAMES_MAX, CORRECTIONS);
  return () => cancelAnimationFrame(frame);
}

function highlight(element: Element): void {
  const outline = (color: string) => ({ outline: `2px solid ${color}`, outlineOffset: '8px', borderRadius: '8px' });
  element.animate([outline('var(--color-accent)'), outline('transparent')], HIGHLIGHT_MS);
}
