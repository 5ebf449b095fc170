import { toUrl } from './listen-url.ts';
import { assertPortFree, findFreePort } from './port-check.ts';
import type { ProcessPlan } from './process-plan.ts';

export interface LabPortOptions {
  /** The process of the lab service; null when the stack runs none. */
  readonly planned: ProcessPlan | null;
  /** Whether the operator has chosen the port. Only then it must be free. */
  readonly isChosen: boolean;
  readonly onNotice: (message: string) => void;
}

/** The port of the lab service, which its clients know before it starts. */
export interface LabPort {
  /** Finds a port. Throws a `StackError` (78) when the operator has chosen one that is in use. */
  claim(): Promise<void>;
  /** The process with its port; null before the claim, and when the stack runs no lab service. */
  readonly plan: ProcessPlan | null;
  /** The URL of the lab service; null as long as `plan` is. */
  readonly url: string | null;
}

export function createLabPort({ planned, isChosen, onNotice }: LabPortOptions): LabPort {
  let plan: ProcessPlan | null = null;
  return {
    async claim() {
      if (!planned) return;
      if (isChosen) await assertPortFree(planned);
      const port = await findFreePort(planned);
      if (planned.port !== 0 && port !== planned.port)
        onNotice(`Port ${planned.port} is taken by another program. The lab service uses port ${port}.`);
      plan = { ...planned, port };
    },
    get plan() {
      return plan;
    },
    get url() {
      return plan && toUrl(plan);
    },
  };
}
