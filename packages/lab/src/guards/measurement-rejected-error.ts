/** Why a measurement must not be reported, as one plain sentence. */
export class MeasurementRejectedError extends Error {
  override readonly name = 'MeasurementRejectedError';
}
