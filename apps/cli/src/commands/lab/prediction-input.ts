import type { CreatePrediction, Lab, PredictionForm } from '@prodigon/contracts/workshop';
import { WORKSHOP_LIMITS } from '@prodigon/contracts/workshop';
import { type Ask, withQuestions } from '../../ask.ts';
import type { CommandContext } from '../../command.ts';
import { isInteractive } from '../../confirm.ts';
import { asOneLine } from '../../terminal-text.ts';
import { UsageError } from '../../usage-error.ts';
import { formatRatio } from './ratio-scale.ts';

/** The answer and the reason as the user typed them. */
export interface PredictionText {
  readonly answer: string | undefined;
  readonly reason: string | undefined;
}

/**
 * Returns a prediction from arguments, and asks for missing values on a terminal. Returns undefined when the user ends
 * the input. Throws a `UsageError` for an invalid prediction, and for a missing one without a terminal.
 */
export async function readPrediction(
  lab: Lab,
  { answer, reason }: PredictionText,
  context: CommandContext,
): Promise<CreatePrediction | undefined> {
  const { prediction_form: form } = lab;
  if (answer !== undefined && parseAnswer(form, answer) === undefined)
    throw new UsageError(`${describeAnswers(form)} Not "${answer}".`);
  if (answer !== undefined && reason !== undefined) return toPrediction(form, answer, reason);
  const given = answer ?? `<${expectedAnswer(form)}>`;
  if (!isInteractive(context)) {
    context.stderr.write(`${describeForm(lab)}\n`);
    throw new UsageError(`Predict first, with a reason: ./prodigon lab predict ${lab.task} ${given} "<reason>".`);
  }
  return withQuestions(context, async (ask) => {
    if (answer === undefined) context.stderr.write(`${describeForm(lab)}\n`);
    const chosen =
      answer ??
      (await askUntilValid(ask, `Your prediction (${expectedAnswer(form)}): `, (text) =>
        parseAnswer(form, text) === undefined ? describeAnswers(form) : undefined,
      ));
    if (chosen === undefined) return undefined;
    const because =
      reason ??
      (await askUntilValid(ask, 'Why, in one sentence: ', (text) => (text.trim() === '' ? 'The reason is empty.' : undefined)));
    return because === undefined ? undefined : toPrediction(form, chosen, because);
  });
}

/** Asks until `findProblem` returns undefined. */
async function askUntilValid(
  ask: Ask,
  question: string,
  findProblem: (text: string) => string | undefined,
): Promise<string | undefined> {
  for (let problem: string | undefined; ; ) {
    const text = await ask(problem === undefined ? question : `${problem} ${question}`);
    if (text === undefined) return undefined;
    problem = findProblem(text);
    if (problem === undefined) return text;
  }
}

function toPrediction(form: PredictionForm, answer: string, reason: string): CreatePrediction {
  const text = reason.trim();
  const { reasonCharactersMax } = WORKSHOP_LIMITS;
  if (text === '') throw new UsageError('The reason is empty.');
  if (text.length > reasonCharactersMax) throw new UsageError(`The reason has more than ${reasonCharactersMax} characters.`);
  return { ...parseAnswer(form, answer), reason: text };
}

/** Returns undefined for an answer that the form does not offer. */
function parseAnswer(form: PredictionForm, text: string): Pick<CreatePrediction, 'choice' | 'value'> | undefined {
  const answer = text.trim().toLowerCase();
  if (form.type === 'choice') {
    const option =
      form.options.find(({ id }) => id === answer) ?? form.options.find((_, index) => letterOf(form, index) === answer);
    return option && { choice: option.id };
  }
  const value = answer === '' ? Number.NaN : Number(answer);
  return value >= form.min && value <= form.max ? { value } : undefined;
}

/** Returns the letter of an option: its id when all ids are letters, else by its position. */
function letterOf(form: PredictionForm & { type: 'choice' }, index: number): string {
  const ids = form.options.map(({ id }) => id);
  return ids.every((id) => /^[a-z]$/.test(id)) ? (ids[index] ?? '') : String.fromCharCode(97 + index);
}

const expectedAnswer = (form: PredictionForm): string =>
  form.type === 'choice'
    ? form.options.map((_, index) => letterOf(form, index)).join('|')
    : `${formatRatio(form.min)} to ${formatRatio(form.max)}`;

const describeAnswers = (form: PredictionForm): string =>
  `The prediction is ${form.type === 'choice' ? 'one of ' : ''}${expectedAnswer(form)}.`;

/** Returns the question with its options. */
function describeForm({ claim, prediction_form: form }: Lab): string {
  const options =
    form.type === 'choice' ? form.options.map(({ label }, index) => `  ${letterOf(form, index)}) ${asOneLine(label, 200)}`) : [];
  return [`Claim: ${asOneLine(claim, 300)}`, asOneLine(form.question, 300), ...options].join('\n');
}
