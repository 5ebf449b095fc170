/** The measurement is invalid and must not be reported. The message is one sentence for the user. */
export class MeasurementRejectedError extends Error {
  override readonly name = 'MeasurementRejectedError';
}
