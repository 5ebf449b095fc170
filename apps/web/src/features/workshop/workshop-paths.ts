import { WEB_UI_ROUTES } from '@prodigon/contracts';

export const taskPath = (task: string): string => `${WEB_UI_ROUTES.workshop}/${encodeURIComponent(task)}`;
export const sectionPath = (task: string, section: string): string => `${taskPath(task)}/${encodeURIComponent(section)}`;
export const labPath = (lab: string): string => `${WEB_UI_ROUTES.labs}/${encodeURIComponent(lab)}`;
export const labRunPath = (lab: string, run: string): string => `${labPath(lab)}/runs/${encodeURIComponent(run)}`;

export interface WorkshopPlace {
  /** The number or slug of a task; undefined on the pages of a lab. */
  task?: string;
  section?: string;
  lab?: string;
}

/** What a path of the web UI shows, for the context column, which is outside the routes of the page. */
export function workshopPlaceOf(pathname: string): WorkshopPlace {
  const [, root, first, second] = pathname.split('/').map(decodeSegment);
  if (!first) return {};
  if (`/${root}` === WEB_UI_ROUTES.labs) return { lab: first };
  return second ? { task: first, section: second } : { task: first };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
