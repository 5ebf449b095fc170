/** Why a measurement must not be reported, as one plain sentence. */
export class LabRefusal extends Error {
  override readonly name = 'LabRefusal';
}
