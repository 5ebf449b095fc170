import { JSON_OPTION } from '../../command-line-arguments.ts';
import { formatSeconds } from '../../format-numbers.ts';
import { findTask, parseIds, parseSeed } from './find-task.ts';
import { followLabRun } from './follow-lab-run.ts';
import { defineLabCommand, LAB_EXIT_CODES } from './lab-command.ts';
import { readPrediction } from './prediction-input.ts';
import { completeTaskOnly } from './task-completion.ts';

export const runCommand = defineLabCommand({
  name: 'run',
  parameters: '<task>',
  summary: 'run the experiment of a task and print the verdict; Ctrl-C stops it',
  options: {
    arm: {
      type: 'string',
      value: '<ids>',
      description: 'the arms to run in addition to the two that the claim compares, separated by commas',
    },
    seed: { type: 'string', value: '<n>', description: 'repeats the order of the arms; random by default' },
    quick: { type: 'boolean', default: false, description: 'fewer and shorter blocks; more runs are inconclusive' },
    workload: { type: 'string', value: '<id>', description: 'the workload; the first one by default' },
    json: { ...JSON_OPTION.json, description: 'print the whole run as JSON at its end' },
  },
  complete: completeTaskOnly,
  notes: ['Requires a prediction; on a terminal, the command asks for it. Every verdict has exit code 0, even INVALID.'],
  async run({ values, positionals }, context, { workshop }) {
    const { lab: id } = await findTask(workshop, positionals);
    const seed = parseSeed(values.seed);
    const lab = await workshop.getLab({ lab: id });
    const arms = parseIds(
      'arm',
      values.arm,
      lab.arms.map((arm) => arm.id),
    );
    const [workload] =
      parseIds(
        'workload',
        values.workload,
        lab.workloads.map((each) => each.id),
      ) ?? [];
    if (!lab.prediction) {
      const prediction = await readPrediction(lab, { answer: undefined, reason: undefined }, context);
      if (!prediction) {
        context.stderr.write('No run was started.\n');
        return LAB_EXIT_CODES.couldNotRun;
      }
      await workshop.createPrediction({ lab: id }, prediction);
    }
    const run = await workshop.createLabRun({ lab: id }, { arms, seed, workload, quick: values.quick });
    const seconds = values.quick ? lab.seconds.quick : lab.seconds.full;
    context.stderr.write(`${lab.title}\nRun ${run.id}, seed ${run.seed}, about ${formatSeconds(seconds)}.\n`);
    return followLabRun(workshop, run, { isStoppable: true, json: values.json }, context);
  },
});
