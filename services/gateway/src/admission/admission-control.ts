import { AppError } from '@prodigon/contracts';

export interface Admission {
  /** Takes a place, or throws `SERVICE_UNAVAILABLE`. Call what it returns exactly once to give the place back. */
  enter(): () => void;
  readonly active: number;
  readonly max: number;
}

/**
 * How many answers may be in the making at once. A saturated process keeps the streams that it has and
 * starves new ones, so the rest is refused at the door, at once and with a time to come back.
 */
export function createAdmission({ max, onChange = () => {} }: { max: number; onChange?: (active: number) => void }): Admission {
  let active = 0;
  const change = (by: number) => {
    active += by;
    onChange(active);
  };
  return {
    enter() {
      if (active >= max) {
        throw new AppError('SERVICE_UNAVAILABLE', 'All places for answers are taken. Try again in a moment.', {
          retryAfterSeconds: 1,
        });
      }
      change(1);
      return () => change(-1);
    },
    get active() {
      return active;
    },
    max,
  };
}
