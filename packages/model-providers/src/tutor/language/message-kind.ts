import { splitWords } from './tokenizer.ts';

/**
 * `greeting` and `thanks` need no search. `task` asks for a new text or program, which a search cannot write. Everything
 * else is a `question`.
 */
export type MessageKind = 'greeting' | 'thanks' | 'task' | 'question';

const wordSet = (words: string) => new Set(words.split(' '));
const GREETINGS = wordSet(
  'hello hi hey hiya howdy yo greetings morning afternoon evening hola bonjour salut hallo moin servus ciao ola olá namaste 你好 こんにちは привет',
);
const THANKS = wordSet('thanks thank thx ty cheers bye goodbye danke merci gracias');
/** Words that may accompany a greeting or thanks. */
const FILLERS = wordSet(
  'good day there everyone all again tutor prodigon how are you doing today so much very a lot for the help your',
);
const WORDS_MAX = 8;
/** Begins with a wish for a new text, e.g. "write me a poem" and "can you translate this". */
const TASK =
  /^\W*(?:please |can you |could you |would you |i want you to |help me )*(?:(?:write|compose|draft|draw|invent|code|program|sort|reverse|convert|generate me|tell me) (?:me |us )?(?:an? |some |the |my |this |another )|(?:fix|debug|review|refactor|improve|summari[sz]e|explain) (?:my|this|the following) |translate |proofread |rewrite |paraphrase |calculate |solve )/i;

/** Returns what a message asks for, judged by its words alone. */
export function kindOfMessage(text: string): MessageKind {
  if (TASK.test(text)) return 'task';
  const words = splitWords(text.slice(0, 200)).map(({ word }) => word);
  const isMadeOf = (own: ReadonlySet<string>) =>
    words.some((word) => own.has(word)) && words.every((word) => own.has(word) || FILLERS.has(word));
  if (words.length > WORDS_MAX) return 'question';
  if (isMadeOf(GREETINGS)) return 'greeting';
  return isMadeOf(THANKS) ? 'thanks' : 'question';
}
