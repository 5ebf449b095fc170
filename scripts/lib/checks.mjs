/** The checks of `npm run check`, in order. */
export const CHECKS = [
  { title: 'Types (tsc)', script: 'node_modules/.bin/tsc', args: ['-p', '.'] },
  { title: 'Style and common mistakes (biome)', script: 'node_modules/.bin/biome', args: ['check', '.'] },
  {
    title: 'Import rules (dependency-cruiser)',
    script: 'node_modules/.bin/depcruise',
    args: ['packages', 'services', 'apps', 'bench', 'infra', 'workshop'],
  },
  { title: 'Protobuf style, compatibility and generated code (buf)', script: 'scripts/check-protobuf.mjs', args: [] },
  { title: 'Unused files, exports and packages (knip)', script: 'node_modules/.bin/knip', args: [] },
];
