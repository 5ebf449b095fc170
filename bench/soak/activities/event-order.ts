const INDEXES = 1e9;

/** Returns a sortable number for the `id` of a job event, `<job id>:<sequence>.<index>`. */
export function eventOrder(id: string | undefined): number {
  const [, sequence, index = '0'] = /:(\d+)(?:\.(\d+))?$/.exec(id ?? '') ?? [];
  return Number(sequence) * INDEXES + Number(index);
}
