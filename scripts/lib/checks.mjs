/** What `npm run check` runs, cheapest repair first. */
export const CHECKS = [
  { what: 'Types (tsc)', script: 'node_modules/.bin/tsc', args: ['-p', '.'] },
  { what: 'Style and common mistakes (biome)', script: 'node_modules/.bin/biome', args: ['check', '.'] },
  {
    what: 'Who imports whom (dependency-cruiser)',
    script: 'node_modules/.bin/depcruise',
    args: ['packages', 'services', 'apps', 'bench'],
  },
  { what: 'Unused files, exports and packages (knip)', script: 'node_modules/.bin/knip', args: [] },
];
