/** Returns the events or lines of a text as its `contentSchema` describes them, without the end marks. */
export function itemsOf(mediaType: string, text: string): unknown[] {
  if (mediaType !== 'text/event-stream')
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return text.split('\n\n').flatMap((frame) => {
    const fields = Object.fromEntries(
      frame
        .split('\n')
        .flatMap((line) => (line.includes(': ') ? [[line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]] : [])),
    );
    if (fields.data === undefined || /^\[(?:DONE|ERROR)\]/.test(fields.data)) return [];
    const data = JSON.parse(fields.data);
    return fields.event === undefined || data.type === fields.event ? [data] : [{ ...fields, data }];
  });
}
