const INDEXES = 1e9;

/** A number for the `id` of an event of a job, `<job id>:<sequence>.<index>`, that grows from each to the next. */
export function eventOrder(id: string | undefined): number {
  const [, sequence, index = '0'] = /:(\d+)(?:\.(\d+))?$/.exec(id ?? '') ?? [];
  return Number(sequence) * INDEXES + Number(index);
}
