import { expect, it } from 'vitest';
import { labRunPath, sectionPath, workshopPlaceOf } from './workshop-paths.ts';

it.each([
  ['/workshop', {}],
  ['/workshop/01', { task: '01' }],
  [sectionPath('rest-vs-grpc', 'why'), { task: 'rest-vs-grpc', section: 'why' }],
  ['/labs/rest-vs-grpc', { lab: 'rest-vs-grpc' }],
  [labRunPath('rest-vs-grpc', '1'), { lab: 'rest-vs-grpc' }],
  ['/workshop/%E0', { task: '%E0' }],
])('reads the place of %s', (pathname, place) => {
  expect(workshopPlaceOf(pathname)).toEqual(place);
});
