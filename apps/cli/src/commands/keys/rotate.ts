import { API_KEY_LIMITS } from '@prodigon/contracts';
import { defineCommand } from '../../command.ts';
import { JSON_OPTION, URL_OPTION } from '../../command-line-arguments.ts';
import { formatTime } from '../../format-numbers.ts';
import { withOperatorGateway } from '../../gateway-connection.ts';
import { UsageError } from '../../usage-error.ts';
import { writeJson } from '../../write-json.ts';
import { completeKeyName, findKeyId, nameOf } from './find-key.ts';
import { parseDuration } from './parse-duration.ts';

export const rotateCommand = defineCommand({
  name: 'rotate',
  parameters: '<key>',
  complete: completeKeyName,
  summary: 'replace the value of a key and print the new one once',
  options: {
    overlap: {
      type: 'string',
      value: '<time>',
      description: 'how long the previous value remains valid, e.g. 1h or 0s; 1h by default',
    },
    ...JSON_OPTION,
    ...URL_OPTION,
  },
  notes: [
    'Only one previous value stays valid. While it does, only --overlap 0s replaces the value again, and ends both earlier ones.',
  ],
  async run({ values, positionals }, context) {
    const overlapSeconds = parseOverlap(values.overlap);
    return withOperatorGateway(context, values.url, async (client) => {
      const rotated = await client.keys.rotate(await findKeyId(client, positionals), overlapSeconds);
      if (values.json) return writeJson(rotated, context);
      const { previous_expires_at: until } = rotated;
      const previous = until === null ? 'no longer valid' : `valid until ${formatTime(until)}`;
      context.stderr.write(
        `Rotated ${nameOf(rotated)}. The previous value is ${previous}. This is the only time that the new value is shown:\n`,
      );
      context.stdout.write(`${rotated.key}\n`);
      return 0;
    });
  },
});

function parseOverlap(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = parseDuration(text);
  if (seconds !== null && seconds <= API_KEY_LIMITS.overlapSecondsMax) return seconds;
  throw new UsageError(
    `--overlap takes at most ${API_KEY_LIMITS.overlapSecondsMax / 86_400}d, such as 1h, 45m or 0s, not "${text}".`,
  );
}
