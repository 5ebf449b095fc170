import { JSON_OPTION } from '../../command-line-arguments.ts';
import { writeJson } from '../../write-json.ts';
import { findTask } from './find-task.ts';
import { defineLabCommand, LAB_EXIT_CODES } from './lab-command.ts';
import { readPrediction } from './prediction-input.ts';
import { completeTaskOnly } from './task-completion.ts';

export const predictCommand = defineLabCommand({
  name: 'predict',
  parameters: '<task> [<answer> "<reason>"]',
  summary: 'predict the result of an experiment, with a reason',
  options: JSON_OPTION,
  complete: completeTaskOnly,
  notes: ['<answer> is the letter of an option, or a ratio. On a terminal, the command asks for missing values.'],
  async run({ values, positionals }, context, { workshop }) {
    const { lab: id } = await findTask(workshop, positionals, 3);
    const [, answer, reason] = positionals;
    const lab = await workshop.getLab({ lab: id });
    const body = await readPrediction(lab, { answer, reason }, context);
    if (!body) {
      context.stderr.write('No prediction was stored.\n');
      return LAB_EXIT_CODES.couldNotRun;
    }
    const prediction = await workshop.createPrediction({ lab: id }, body);
    if (values.json) return writeJson(prediction, context);
    context.stderr.write(`Stored your prediction: ${prediction.label}\n  Run  ./prodigon lab run ${lab.task}\n`);
    return 0;
  },
});
