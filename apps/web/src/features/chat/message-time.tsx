import { formatTimestamp } from '../../design/format.ts';

const TIME = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const DAY_AND_TIME = new Intl.DateTimeFormat('en', {
  ...{ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
});

/** `14:05`, with the day if it is not today. */
export function MessageTime({ time }: { time: string }) {
  const isToday = new Date(time).toDateString() === new Date().toDateString();
  return (
    <time dateTime={time} title={formatTimestamp(time)} className="tabular px-2 text-xs text-text-3">
      {(isToday ? TIME : DAY_AND_TIME).format(new Date(time))}
    </time>
  );
}
