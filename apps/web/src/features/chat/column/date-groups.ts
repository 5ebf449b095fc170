import type { Conversation } from '@prodigon/contracts/conversations';

export interface ConversationGroup {
  readonly label: string;
  readonly conversations: readonly Conversation[];
}

const DAY_MS = 86_400_000;
const MONTH = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric' });

/** Groups conversations, latest first, by the day of their latest message in the time zone of the browser, and earlier ones by month. */
export function groupByDay(conversations: readonly Conversation[], now: Date): ConversationGroup[] {
  const groups = Map.groupBy(conversations, ({ updated_at }) => labelOf(new Date(updated_at), now));
  return [...groups].map(([label, members]) => ({ label, conversations: members }));
}

function labelOf(time: Date, now: Date): string {
  const days = calendarDaysBetween(time, now);
  if (days <= 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return days <= 7 ? 'Previous 7 days' : MONTH.format(time);
}

/** Days of the calendar, which are not all 24 hours long. */
function calendarDaysBetween(earlier: Date, later: Date): number {
  const dayOf = (time: Date) => Date.UTC(time.getFullYear(), time.getMonth(), time.getDate()) / DAY_MS;
  return dayOf(later) - dayOf(earlier);
}
