import { WEB_UI_ROUTES } from '@prodigon/contracts';
import { CONVERSATION_LIMITS } from '@prodigon/contracts/conversations';
import { Archive, MessagesSquare, Search, SquarePen, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { Link, useRoute } from 'wouter';
import { Button, buttonClassNames, IconButton } from '../../../design/button.tsx';
import { focusComposer } from '../focus-composer.ts';
import { ConversationList } from './conversation-list.tsx';
import { SearchResults } from './search-results.tsx';

/** Delay after a keystroke before the search starts. */
const SEARCH_DELAY_MS = 200;

/** The context column of the chat: all conversations, and a search over them. */
export default function ConversationColumn() {
  const [, parameters] = useRoute(`${WEB_UI_ROUTES.chat}/:id`);
  const [search, setSearch] = useState('');
  const [isArchive, setArchive] = useState(false);
  const column = useRef<HTMLDivElement>(null);
  const text = useDelayed(search.trim());
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys move the focus between its links.
    <div ref={column} className="flex h-full flex-col" onKeyDown={(event) => moveFocus(event, column.current)}>
      <div className="flex flex-col gap-2 p-3">
        <Link href={WEB_UI_ROUTES.chat} onClick={focusComposer} className={buttonClassNames('secondary', 'w-full')}>
          <SquarePen aria-hidden size={16} /> New chat
        </Link>
        <search className="relative">
          <Search aria-hidden size={16} className="pointer-events-none absolute top-1/2 left-3 -translate-y-1/2 text-text-3" />
          <input
            type="search"
            aria-label="Search conversations"
            placeholder="Search conversations"
            autoComplete="off"
            maxLength={CONVERSATION_LIMITS.queryCharactersMax}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Escape' || search === '' || event.nativeEvent.isComposing) return;
              // Escape would also stop the response, or close the drawer.
              event.preventDefault();
              event.stopPropagation();
              setSearch('');
            }}
            className="field px-9 [&::-webkit-search-cancel-button]:hidden"
          />
          {search !== '' && (
            <span data-keeps-open className="absolute top-1/2 right-1 -translate-y-1/2">
              <IconButton label="Clear the search" onClick={() => setSearch('')}>
                <X aria-hidden size={16} />
              </IconButton>
            </span>
          )}
        </search>
      </div>
      {text === '' ? (
        <ConversationList key={String(isArchive)} openId={parameters?.id} isArchive={isArchive} />
      ) : (
        <SearchResults text={text} />
      )}
      <div data-keeps-open className="mt-auto border-t border-border p-2">
        <Button variant="quiet" onClick={() => setArchive(!isArchive)} className="w-full justify-start">
          {isArchive ? <MessagesSquare aria-hidden size={16} /> : <Archive aria-hidden size={16} />}
          {isArchive ? 'All conversations' : 'Archive'}
        </Button>
      </div>
    </div>
  );
}

/** Returns the value that has not changed for a moment; an empty one immediately. */
function useDelayed(value: string): string {
  const [delayed, setDelayed] = useState(value);
  useEffect(() => {
    if (value === '') return setDelayed('');
    const timer = setTimeout(() => setDelayed(value), SEARCH_DELAY_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return value === '' ? '' : delayed;
}

/** Arrow keys move the focus between the search field and the conversations. */
function moveFocus(event: KeyboardEvent, column: HTMLElement | null): void {
  if ((event.key !== 'ArrowDown' && event.key !== 'ArrowUp') || event.nativeEvent.isComposing || !column) return;
  const stops = [...column.querySelectorAll<HTMLElement>('input[type="search"], nav a')];
  const index = stops.indexOf(document.activeElement as HTMLElement);
  const next = stops[index + (event.key === 'ArrowDown' ? 1 : -1)];
  if (index === -1 || !next) return;
  event.preventDefault();
  next.focus();
}
