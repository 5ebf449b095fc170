import { AppError, type AppErrorOptions } from '@prodigon/contracts';

/** Another of our own services did not answer, or not to the end: nothing that was wrong with the request. */
export class ServiceUnreachableError extends AppError {
  constructor(message: string, options?: AppErrorOptions) {
    super('SERVICE_UNAVAILABLE', message, options);
  }
}
