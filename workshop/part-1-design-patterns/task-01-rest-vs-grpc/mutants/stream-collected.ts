import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'The stream collects all parts before it yields the first.',
  killedBy: 'slow-reader',
  file: 'inference-client.ts',
  replacements: [
    {
      find: "for await (const { event } of call) if (event?.$case === 'text') yield event.value;",
      replace:
        "const parts: string[] = [];\n        for await (const { event } of call) if (event?.$case === 'text') parts.push(event.value);\n        yield* parts;",
    },
  ],
};
export default mutant;
