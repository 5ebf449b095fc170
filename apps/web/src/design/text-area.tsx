import { type ComponentProps, useLayoutEffect, useRef } from 'react';
import { directionOf } from './direction.ts';

/** Laying out a longer text to measure it would delay every keystroke. */
const MEASURED_CHARACTERS_MAX = 4_000;

interface TextAreaProps extends Omit<ComponentProps<'textarea'>, 'defaultValue' | 'dir' | 'onChange' | 'ref' | 'value'> {
  value: string;
  onChange: (value: string) => void;
  /** Grows with the text up to the `max-height` of its class. */
  grows?: boolean;
}

/** A text field whose keystrokes stay fast in a text of hundreds of kilobytes. */
export function TextArea({ value, onChange, grows = false, ...props }: TextAreaProps) {
  const textarea = useRef<HTMLTextAreaElement>(null);
  const isLong = value.length > MEASURED_CHARACTERS_MAX;
  useLayoutEffect(() => {
    const element = textarea.current;
    if (!element) return;
    // As a prop, React would also copy the text into `defaultValue` on every keystroke.
    if (element.value !== value) element.value = value;
    if (!grows) return;
    element.style.height = isLong ? '100vh' : 'auto';
    if (!isLong) element.style.height = `${element.scrollHeight}px`;
  }, [value, grows, isLong]);
  return (
    <textarea
      {...props}
      ref={textarea}
      // `auto` determines a direction for each paragraph, which takes most of the layout of a long line.
      dir={isLong ? directionOf(value) : 'auto'}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
